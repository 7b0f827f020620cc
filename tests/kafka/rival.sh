#!/bin/bash
# rival.sh [BUILD] -- the fraud rules from topic to topics, against C by hand over the same librdkafka. Appends to
# BUILD/bench/results.tsv (by CPU time of the process, librdkafka's threads included), wall.tsv (by the clock, from
# the start until the group's offsets are committed). ROWS (1500000) and ROUNDS (3).
#
# Both commit when all is delivered; Weir keeps a state, too, with a checkpoint each second, and the rival none.
set -u
build=$(realpath "${1:-build}")
. "$(dirname "$0")/setup.sh"
ROWS=${ROWS:-1500000} ROUNDS=${ROUNDS:-3} PARTS=12
bench=$PWD/tests/bench merchants=$PWD/examples/fraud/merchants.csv results=$build/bench
WEIR=$build/weir
mkdir -p "$results"
for table in results wall; do
  [ -s "$results/$table.tsv" ] || printf 'case\tsubject\trival\tmin\tmedian\tmax\trows_per_s\n' >"$results/$table.tsv"
done
cd "$dir" || exit 1
pid=
trap '[ "$pid" ] && kill -KILL $pid 2>/dev/null; cd /; cleanup' EXIT
die() { echo "FAIL kafka benchmark: $*"; [ -s run.log ] && tail -n 5 run.log; exit 1; }

"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O3 -Wall -Wextra -o hand "$bench/hand_fraud_kafka.c" -lrdkafka || die "no rival"
"$WEIR" build "$bench/fraud_kafka.weir" -o native || die "no program"

# ---- the topic: who is late differs from run to run, as partitions do not come evenly; so nobody is ----
echo "# making $ROWS payments"
"$WEIR" run "$bench/../../examples/fraud/make_input.weir" --quiet --set rows="$ROWS" --set users=50000 --set every=3000 \
  --set step=50ms || die "no payments"
TZ=UTC awk -v parts=$PARTS -F'"' '{
  t = mktime(substr($26, 1, 4) " " substr($26, 6, 2) " " substr($26, 9, 2) " " substr($26, 12, 2) " " \
             substr($26, 15, 2) " " substr($26, 18, 2))
  if (t > high) high = t
  if (t < high - 25) next
  print substr($8, 2) % parts "\t" $8 "\t" $0
}
END {                                     # closes what was before
  for (p = 0; p < parts; p++)
    printf "%d\tend\t{\"id\":\"end\",\"user\":\"end%d\",\"card\":\"4000\",\"merchant\":\"shop 1\",\"country\":\"DE\",\"amount\":1.00,\"ts\":\"%sZ\"}\n",
      p, p, strftime("%Y-%m-%dT%H:%M:%S", high + 7200, 1)
}' payments.jsonl >in.tsv
rm -f payments.jsonl labels.jsonl
all=$(wc -l <in.tsv)
[ "$all" -gt $PARTS ] || die "no payments"
begin_broker || exit 1
export IN=in
"$KTOOL" create in $PARTS retention.ms=-1 || die "no topic"
"$KTOOL" -T 600 produce -F pkv in <in.tsv || die "the payments were not produced"
rm in.tsv

# ---- speed ----
topics() { "$KTOOL" create "$1" 3 retention.ms=-1 && "$KTOOL" create "$1-spend" 3 retention.ms=-1; }
run() {                                   # NAME COMMAND...: until all is committed; $cpu and $wall
  local name=$1 from until=$((SECONDS + 120))
  shift
  topics "$name" || die "no topics"
  from=$(date +%s%N)
  OUT=$name GROUP=$name "$@" >run.out 2>run.log </dev/null &
  pid=$!
  until "$KTOOL" committed "$name" 2>/dev/null | awk -v all="$all" '{ n += $3 } END { exit n != all }'; do
    kill -0 $pid 2>/dev/null || die "$name ended"
    [ $SECONDS -lt $until ] || die "$name takes too long"
    sleep 0.2
  done
  wall=$((($(date +%s%N) - from) / 1000000))
  cpu=$(awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$pid/stat")
  kill -TERM $pid
  wait $pid 2>/dev/null
  pid=
}
program() {                               # SUBJECT NAME
  case $1 in
    hand) run "$2" ./hand "$KAFKA_PLAIN" in "$2" "$2" "$merchants" "$all" ;;
    native) run "$2" ./native --quiet --set merchants="$merchants" --state "$2.state" --checkpoint-every 1s ;;
    jit) run "$2" "$WEIR" run "$bench/fraud_kafka.weir" --quiet --set merchants="$merchants" --state "$2.state" --checkpoint-every 1s ;;
  esac
  rm -rf "$2.state"
}
made() { for t in "$1" "$1-spend"; do "$KTOOL" -T 120 consume -F kv "$t" | LC_ALL=C sort; done; }

for who in hand native jit; do
  program $who first-$who
  made first-$who >$who.made || die "$who: nothing to read"
  [ -s $who.made ] || die "$who made nothing"
  cmp $who.made hand.made || die "$who and hand made other rows"
done
echo "# the same $(wc -l <hand.made) rows of all three"
for i in $(seq "$ROUNDS"); do
  for who in hand native jit; do
    program $who "$who-$i"
    echo "$i $who $cpu" >>cpu
    echo "$i $who $(awk -v ms="$wall" 'BEGIN { print ms / 1000 }')" >>wall
  done
  echo "# round $i of $ROUNDS, load $(cut -d' ' -f1 /proc/loadavg)"
done
for pair in "native hand" "jit hand" "jit native"; do
  set -- $pair
  row() { awk -v name=fraud-kafka -v subject="$1" -v rival="$2" -v rows="$all" -f "$bench/ratios.awk" "$3"; }
  row "$1" "$2" cpu | tee -a "$results/results.tsv"
  row "$1" "$2" wall >>"$results/wall.tsv"
done
echo "# by the clock"; tail -n 3 "$results/wall.tsv"
