#!/bin/bash
# memory.sh [WEIR] -- the bytes per key that `weir explain` forecasts, against runs of a million keys:
# --memory a fifth above the forecast suffices, a fifth below does not.
set -u
cd "$(dirname "$0")/../.."
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
failed=0
KEYS=1000000

# fits NAME MORE TYPE GENERATOR WINDOW RECORD: MORE bytes a key are not in the forecast.
fits() {
  local name=$1 more=$2 cost
  cat >"$name.weir" <<END
type T { k $3, v int, f float, d decimal(2), at timestamp }
source s: T {
  from generate(count: $KEYS, fields: { k: $4, v: constant(1), f: constant(0.5), d: constant(1.00), at: time(0s) })
  time at delay 1h
}
stream o = s | group by k over $5 { k, $6 }
sink o { to blackhole() }
END
  cost=$("$WEIR" explain "$name.weir" | sed -n 's/^ *state o: \([0-9]*\) bytes per key.*/\1/p')
  [ -n "$cost" ] || { echo "FAIL $name: no forecast"; failed=1; return; }
  cost=$((cost + more))
  if ! timeout 120 "$WEIR" run "$name.weir" --quiet --memory $((KEYS * cost / 100 * 120)) >out 2>&1; then
    echo "FAIL $name: needs more than 1.2 times the forecast of $cost bytes a key"
    sed 's/^/    /' out
    failed=1
  elif timeout 120 "$WEIR" run "$name.weir" --quiet --memory $((KEYS * cost / 100 * 80)) >out 2>&1; then
    echo "FAIL $name: needs less than 0.8 of the forecast of $cost bytes a key"
    failed=1
  elif ! grep -q "more than --memory allows" out; then
    echo "FAIL $name: another error"
    sed 's/^/    /' out
    failed=1
  else
    echo "ok $name: $cost bytes a key"
  fi
}

window="tumbling 1000d"
fits count        0 int       'sequence()' "$window" 'n: count()'
fits aggregates   0 int       'sequence()' "$window" 'n: count(), a: sum(v), b: avg(d), c: min(f), e: max(at)'
fits "null_key"   0 'int?'    'sequence()' "$window" 'n: count()'
fits short_text   0 string    'pattern("??????????")' "$window" 'n: count()'
fits text        40 string    'uuid()'     "$window" 'n: count()'
fits session     32 int       'sequence()' 'session 1h' 'n: count()'   # at the end all close: 32 for their order
exit $failed
