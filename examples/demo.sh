#!/bin/bash
# demo.sh WEIR -- what `make demo` shows: the rules of examples/fraud at work on 100,000 made-up payments
# that come through Kafka in 25 seconds, then how good their alerts were. Without KAFKA=host:port Kafka is
# a small one inside the process. Runs in a copy of examples/fraud, build/demo, which stays.
set -eu
weir=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
demo=$(dirname "$weir")/demo
ktool=$(dirname "$weir")/ktool
export KAFKA=${KAFKA:-embedded}
rows=100000 rate=4000
prefix=
rm -rf "$demo"
cp -r "$here/fraud" "$demo"
cd "$demo"
rm -rf expected ./*.jsonl

bold() { printf '\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || bold() { printf '%s\n' "$*"; }

# Topics of its own on a cluster of yours, gone afterwards: what an earlier run left would come too late.
topics() {
  local t
  for t in payments alerts late; do
    "$ktool" -b "$KAFKA" -T 20 "$1" "$prefix$t" $2 >>topics.log 2>&1 || return 1
  done
}
if [ "$KAFKA" != embedded ]; then
  prefix=weir-demo-$(date +%s)-
  if topics create 4; then
    trap 'topics delete "" || echo "the topics $prefix* could not be deleted: $(tail -n 1 topics.log)"' EXIT
  else
    echo "demo: no topics could be made at $KAFKA: $(tail -n 1 topics.log)" >&2
    echo "  is it HOST:PORT of a listener without TLS and password, and may anybody make topics there? For" >&2
    echo "  other clusters see docs/builtins.md, kafka, and add the options to kafka.weir. Without one: make demo" >&2
    exit 1
  fi
fi

bold "Two rules watch $rows card payments of 400 people, five weeks of them in $((rows / rate)) seconds"
cat <<END
  generator.weir --> topic ${prefix}payments --> rules.weir --> topic ${prefix}alerts        Kafka: $KAFKA
END
sed -n '/^rule/,/^}/p' rules.weir
bold "Alerts, as they happen"
trap : INT                                # Ctrl-C ends the payments, not the demo
code=0
timeout --foreground --preserve-status -s INT -k 10 $((rows / rate + 4)) "$weir" run demo.weir --quiet \
  --set rows=$rows --set rate=$rate --set users=400 --set every=3500 --set step=30s --set "prefix=$prefix" || code=$?
trap - INT
[ $code = 0 ] || [ $code = 130 ] || exit $code

bold "Were they right? labels.jsonl knows $(cut -d, -f2 labels.jsonl | sort -u | wc -l) cases of fraud, which no rule has seen"
"$weir" run score.weir --quiet
cat <<END

A case is found when an alert names one of its payments; an alert is right when its payment is fraud.
Missed: card testing with too few payments for a burst (the rule for that sequence needs \`match\`, which
this version does not run); wrong: people who buy something big on a journey.
Also: $(wc -l <quarantine.jsonl) payments were broken (quarantine.jsonl says why), $(wc -l <late.jsonl) came too late (late.jsonl).

All of it is in $demo. Try:
  cd $demo
  editor rules.weir                     ten times the mean: is five better?
  KAFKA=embedded $weir run demo.weir --set rows=100000 --set users=400 --set every=3500
                                        as fast as it goes; Ctrl-C ends it
  $weir run score.weir
END
