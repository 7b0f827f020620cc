#!/bin/bash
# checkpoint.sh [BUILD] -- what checkpoints of a state with a million keys cost: a program as it is, with --state
# and a checkpoint every 10 s (the default), and every second. Appends to BUILD/bench/results.tsv and wall.tsv
# (each against the program without --state), and prints the time of one checkpoint: what a run with checkpoints
# one after the other takes more than one with the last only, by their number. KEYS, ROWS and ROUNDS change it.
set -u
build=$(realpath "${1:-build}")
bench=$(cd "$(dirname "$0")" && pwd)
results=$build/bench keys=${KEYS:-1000000} rows=${ROWS:-30000000} rounds=${ROUNDS:-3}
export LC_ALL=C
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$results"
for table in results wall; do
  [ -s "$results/$table.tsv" ] || printf 'case\tsubject\trival\tmin\tmedian\tmax\trows_per_s\n' >"$results/$table.tsv"
done
cd "$dir" || exit 1

cat >many.weir <<EOF
type P { u int, amount decimal(2), ts timestamp }
source s: P { from file("many.jsonl")  format json  time ts }
state profile by u keep all { n int = 0  total decimal(2) = 0.00  last timestamp? = null
  on s { n = profile.n + 1  total = profile.total + amount  last = ts } }
rule r { on s by u  when profile.n > 1000000  emit o { u } }
stream o: { u int }
sink o { to blackhole }
EOF
"$build/weir" build many.weir -o many || exit 1
# Times rise, so that a row waits for the next one only: what a checkpoint holds is the state.
cat >rows.weir <<EOF
source s: { u int, amount decimal(2), ts timestamp } {
  from generate(count: $rows, seed: 1, start: @2026-01-01T00:00:00Z, step: 1ms,
                fields: { u: uniform(1, $keys), amount: constant(1.25), ts: time() })
}
sink s { to file("many.jsonl") format json }
EOF
"$build/weir" run rows.weir --quiet || exit 1

# measure NAME OPTION...: CPU seconds into $cpu, the clock's into $wall, checkpoints into $n, MiB into $size
measure() {
  local name=$1 TIMEFORMAT='%U %S %R' user sys
  shift
  rm -rf state
  { time ./many --quiet "$@"</dev/null 2>log; } 2>times || { cat log; exit 1; }
  read -r user sys wall <times
  cpu=$(awk -v a="$user" -v b="$sys" 'BEGIN { print a + b }')
  n=$(ls state 2>/dev/null | sed -n 's/^checkpoint-0*//p' | sort -n | tail -n 1)
  size=$(ls state/checkpoint-* 2>/dev/null | tail -n 1 | xargs -r cat | wc -c)
  echo "$round $name $cpu" >>cpu
  echo "$round $name $wall" >>wall
  echo "# $name: $cpu s of CPU time, $wall s, ${n:-0} checkpoints, the last of $((size >> 20)) MiB (load $(cut -d' ' -f1 /proc/loadavg))"
}

printf '' >one
for round in $(seq "$rounds"); do
  measure none
  measure every-10s --state state --checkpoint-every 10s
  measure every-1s --state state --checkpoint-every 1s
  measure last --state state --checkpoint-every 1h
  few="$cpu $wall $n"
  measure always --state state --checkpoint-every 1ms
  echo "$few $cpu $wall $n" >>one
done
for subject in every-10s every-1s; do
  for table in cpu wall; do
    to=$results/wall.tsv
    [ $table = wall ] || to=$results/results.tsv
    awk -v name="checkpoints-$keys-keys" -v subject=$subject -v rival=none -v rows=$rows -f "$bench/ratios.awk" $table |
      tee -a "$to"
  done
done
awk '{ printf "one checkpoint: %.0f ms of CPU time, %.0f ms by the clock\n", 1000 * ($4 - $1) / ($6 - $3), 1000 * ($5 - $2) / ($6 - $3) }' one
