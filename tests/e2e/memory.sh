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

# within NAME KEYS BYTES: NAME.weir, with so many keys of so many bytes, needs that much, within a fifth.
within() {
  local name=$1 keys=$2 cost=$3
  if ! timeout 120 "$WEIR" run "$name.weir" --quiet --memory $((keys * cost / 100 * 120)) >out 2>&1; then
    echo "FAIL $name: needs more than 1.2 times the forecast of $cost bytes a key"
    sed 's/^/    /' out
    failed=1
  elif timeout 120 "$WEIR" run "$name.weir" --quiet --memory $((keys * cost / 100 * 80)) >out 2>&1; then
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

# The forecast of a state, window or limit: a key's bytes, and those of an event (0: none).
forecast() { "$WEIR" explain "$1.weir" | sed -n "s/^ *$2: \([0-9]*\) bytes per .*/\1/p"; }
per_event() { "$WEIR" explain "$1.weir" | sed -n 's/^ *and \([0-9]*\) bytes per event held.*/\1/p'; }

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
  within "$name" $KEYS $((cost + more))
}

window="tumbling 1000d"
fits count        0 int       'sequence()' "$window" 'n: count()'
fits aggregates   0 int       'sequence()' "$window" 'n: count(), a: sum(v), b: avg(d), c: min(f), e: max(at)'
fits "null_key"   0 'int?'    'sequence()' "$window" 'n: count()'
fits short_text   0 string    'pattern("??????????")' "$window" 'n: count()'
fits text        40 string    'uuid()'     "$window" 'n: count()'
fits session     32 int       'sequence()' 'session 1h' 'n: count()'   # at the end all close: 32 for their order

# keyed NAME MORE REPEAT KEY WHAT DECLARATIONS: what a state, window or limit keeps for keys that come REPEAT times
# each, in rows one after the other. MORE bytes a key are not in the forecast.
keyed() {
  local name=$1 more=$2 repeat=$3 cost event keys=$((KEYS / $3))
  cat >"$name.weir" <<END
type T { i int, v int, d decimal(2), at timestamp }
source all: T {
  from generate(count: $KEYS, step: 1us, fields: { i: sequence(0), v: constant(1), d: constant(1.00), at: time() })
  time at  late drop
}
stream s = all | select { i, k: $4, v, d, at }
stream o: { v int }
$6
sink o { to blackhole() }
END
  cost=$(forecast "$name" "$5")
  event=$(per_event "$name")
  [ -n "$cost" ] || { echo "FAIL $name: no forecast"; failed=1; return; }
  within "$name" $keys $((cost + more + repeat * ${event:-0}))
}

rule='rule r { on s by k when p.n > 1000000000 emit o { v } }'
keyed state    0 1 i 'state p' "state p by k keep 1h { n int = 0  a float = 0.0  at timestamp?  on s { n = p.n + 1, at = s.at } } $rule"
keyed state_of_text 48 1 i 'state p' "state p by k keep 1h { n int = 0  t string = \"\"
  on s { n = p.n + 1, t = \"a text of thirty-six characters, or so\" || string(v) } } $rule"
keyed text_key 64 1 '"a key of thirty characters " || string(i)' 'state p' "state p by k keep 1h { n int = 0  on s { n = p.n + 1 } } $rule"
keyed two_keys 0 1 i 'state p' "state p by k, v keep all { n int = 0  on s { n = p.n + 1 } }
  rule r { on s by k, v when p.n > 1000000000 emit o { v } }"
keyed sliding  0 4 'div(i, 4)' 'window r' 'rule r { on s by k over sliding 1h when count() > 1000000 and sum(d) > 1.00 emit o { v } }'
keyed stacks   0 8 'div(i, 8)' 'window r' 'rule r { on s by k over sliding 1h when max(d) > 2.00 and first(v) > 1 emit o { v } }'
keyed limit    0 1 i 'limit of rule r' 'rule r { on s by k when v > 0 emit o { v } limit 1 per k every 1h }'
exit $failed
