#!/bin/bash
# pressure.sh [WEIR] -- backpressure by memory: a source far ahead of another waits for it, and the rows that
# come out are those of a run with all the memory in the world.
set -u
cd "$(dirname "$0")/../.."
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C TZ=UTC
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
failed=0
fail() { echo "FAIL $*"; failed=1; }
run() { timeout 60 "$WEIR" run "$@" >out 2>err; }
check() { local name=$1; shift; if "$@"; then echo "ok $name"; else fail "$name"; fi; }

# rows FIRST NUMBER: about 100 bytes each
rows() {
  awk -v from="$1" -v n="$2" 'BEGIN { for (i = from; i < from + n; i++)
    printf "{\"id\":%d,\"user\":\"u%d\",\"tags\":[\"t%d\",\"a tag that takes some room\"],\"ts\":%d}\n",
           i, i % 10, i, i }'
}
rows 0 50000 >early.jsonl
rows 50000 25000 >late-1.jsonl
rows 75000 25000 >late-2.jsonl

# program NAME FIRST SECOND: what two sources give, in the order of time
program() {
  cat >"$1.weir" <<EOF
type E { id int  user string  tags list<string>  ts timestamp }
type Alert { id int  user string  tags list<string>  n int }
source a: E { from $2 format json(timestamps: "s") time ts delay 5s bad drop late drop }
source b: E { from $3 format json(timestamps: "s") time ts delay 5s bad drop late drop }
stream both = a | union b
state seen by user keep all { n int = 0  on both { n = seen.n + 1 } }
stream alerts: Alert
rule some { on both by user  when both.id % 100 = 7  emit alerts { id, user, tags, n: seen.n } }
sink alerts { to file("-") format json }
EOF
}
# The rule sees all rows of a user before: row 10 k + 7 is the user's k-th.
awk 'BEGIN { for (i = 7; i < 100000; i += 100)
  printf "{\"id\":%d,\"user\":\"u7\",\"tags\":[\"t%d\",\"a tag that takes some room\"],\"n\":%d}\n",
         i, i, (i - 7) / 10 }' >want

program turn 'file("late-*.jsonl")' 'file("early.jsonl")'
program apart 'file("late-*.jsonl", partitions: "files")' 'file("early.jsonl")'
for p in turn apart; do
  check "$p: all memory" run $p.weir
  check "$p: rows" cmp out want
  check "$p: nothing waited" eval '! grep -q paused err'
  for batch in 1024 7; do
    check "$p, batch $batch: 4 MB are enough" run $p.weir --memory 4MB --batch $batch
    check "$p, batch $batch: the same rows" cmp out want
    check "$p, batch $batch: it says so" grep -q "times paused" err
  done
done

# Rows that all lie within the delay have to wait, whatever they take: an error, not a standstill.
sed 's/delay 5s/delay 30d/' turn.weir >delay.weir
run delay.weir --memory 4MB
check "rows within the delay are held" [ $? = 70 ]
check "and the error says so" grep -q "more than --memory allows" err
exit $failed
