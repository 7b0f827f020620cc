#!/bin/bash
# fraud.sh [WEIR] -- examples/fraud beyond its alerts, which tests/examples.sh has: its input is what the
# generator makes, the score of its alerts, its own tests, and `make demo`: through Kafka come the alerts
# that come from a file.
set -u
cd "$(dirname "$0")/../.."
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C TZ=UTC root=$PWD
unset KAFKA
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# same NAME WANT GOT
same() {
  if cmp -s "$2" "$3"; then echo "ok $1"; return; fi
  echo "FAIL $1"
  diff "$2" "$3" 2>&1 | head -20 | sed 's/^/    /'
  failed=1
}

# holds NAME COMMAND..: it succeeds
holds() {
  local name=$1
  shift
  if "$@" >"$dir/out" 2>&1; then echo "ok $name"; return; fi
  echo "FAIL $name: $*"
  head -20 "$dir/out" | sed 's/^/    /'
  failed=1
}

mkdir "$dir/made" "$dir/large"
cp examples/fraud/{*.weir,merchants.csv} "$dir/made"
cp examples/fraud/{*.weir,merchants.csv} "$dir/large"

(cd "$dir/made" && timeout 60 "$WEIR" run make_input.weir --quiet --batch 7)
same "the payments are what the generator makes" examples/fraud/payments.jsonl "$dir/made/payments.jsonl"
same "so are their labels" examples/fraud/labels.jsonl "$dir/made/labels.jsonl"

cp examples/fraud/expected/alerts.jsonl "$dir/made"
(cd "$dir/made" && timeout 60 "$WEIR" run score.weir --quiet >score)
cat >"$dir/want" <<'END'
burst                   4 of    4   100 %
card testing            2 of    4    50 %
take-over               3 of    5    60 %
all cases               9 of   13    69 %   recall
alerts: velocity        6 of    7    86 %
alerts: unusual         3 of    3   100 %
all alerts              9 of   10    90 %   precision
END
same "precision and recall" "$dir/want" "$dir/made/score"
head -n 1 examples/fraud/labels.jsonl | sed 's/.*"id":"\([^"]*\)".*/{"id":"\1","reason":"velocity","at":"2026-03-01T08:00:00Z"}/' \
  >"$dir/made/alerts.jsonl"
(cd "$dir/made" && timeout 60 "$WEIR" run score.weir --quiet | grep -c 'all .* 1 of')>"$dir/got"
echo 2 >"$dir/want"
same "one alert of one case" "$dir/want" "$dir/got"

holds "the program's own tests" env -C "$dir/made" timeout 60 "$WEIR" test fraud.weir

# ---- the demo ----

holds "make demo" timeout 120 examples/demo.sh "$WEIR"
mv "$dir/out" "$dir/shown"
demo=$(dirname "$WEIR")/demo
(cd "$dir/large" && timeout 60 "$WEIR" run make_input.weir --quiet $(grep -o -e '--set [a-z]*=[0-9][0-9a-z]*' "$root/examples/demo.sh" | sort -u) --set rows=100000 &&
  timeout 60 "$WEIR" run fraud.weir --quiet >/dev/null)
same "its alerts, through Kafka, are those from a file" "$dir/large/alerts.jsonl" "$demo/alerts.jsonl"
same "its labels too" "$dir/large/labels.jsonl" "$demo/labels.jsonl"
holds "it shows a line for each alert" [ "$(grep -cE '^[A-Z][a-z]{2} [0-9]{2} [A-Z].* (velocity|unusual) ' "$dir/shown")" = "$(wc -l <"$demo/alerts.jsonl")" ]
holds "it ends with precision" grep -q '% *precision$' "$dir/shown"
exit $failed
