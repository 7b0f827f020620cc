#!/bin/sh
# run.sh BUILD -- the benchmark: Weir against hand-written C on the same bytes. Writes
#   BUILD/bench/results.tsv   ratios of speed (1: as fast as the rival), by CPU time
#   BUILD/bench/wall.tsv      the same runs by the clock
#   BUILD/bench/startup.tsv   first row, memory at rest, compile times
# ROWS and ROUNDS shorten or lengthen it. docs/performance.md says how to read the figures.
set -eu
here=$(dirname "$0")
build=$1
weir=$build/weir
dir=$build/bench
rows=${ROWS:-2500000}
rounds=${ROUNDS:-9}
cc=${CC:-cc}
mkdir -p "$dir"
export LC_ALL=C

for name in gen pairs startup hand_filter hand_tumbling hand_session hand_selective hand_fraud; do
  "$cc" -std=gnu11 -D_GNU_SOURCE -O3 -Wall -Wextra -o "$dir/$name" "$here/$name.c"
done
for kind in bids visits quotes; do
  if [ ! -s "$dir/$kind.$rows.json" ]; then
    rm -f "$dir/$kind".*.json
    echo "  making $rows $kind"
    "$dir/gen" "$kind" "$rows" > "$dir/$kind.tmp" && mv "$dir/$kind.tmp" "$dir/$kind.$rows.json"
  fi
done

if [ ! -s "$dir/payments.$rows.json" ]; then
  rm -rf "$dir"/payments.*.json "$dir/made"
  echo "  making $rows payments"
  mkdir "$dir/made"
  maker=$(realpath "$here/../../examples/fraud/make_input.weir") bin=$(realpath "$weir")
  (cd "$dir/made" && "$bin" run "$maker" --quiet --set rows="$rows" --set users=50000 --set every=3000 --set step=50ms)
  mv "$dir/made/payments.jsonl" "$dir/payments.$rows.json"
fi

same() {                                  # fraud.weir writes a second file
  sort "$out" | cmp - "$dir/expected"
  [ ! -f "$dir/expected.spend" ] || cmp "$out.spend" "$dir/expected.spend"
}

more=                                     # arguments of the program
# one CASE PROGRAM INPUT HAND.. -- the answers are compared first, then the speeds
one() {
  name=$1 program=$2 input=$dir/$3.$rows.json
  shift 3
  hand=$1
  shift
  out=$dir/out.json
  "$weir" build "$here/$program.weir" -o "$dir/$program"
  "$dir/$hand" "$input" "$out" "$@" 2>/dev/null
  sort "$out" > "$dir/expected"
  [ ! -f "$out.spend" ] || mv "$out.spend" "$dir/expected.spend"
  "$dir/$program" --quiet --set input="$input" --set output="$out" $more
  same
  "$weir" run "$here/$program.weir" --quiet --set input="$input" --set output="$out" $more
  same
  "$dir/pairs" "$name" "$rows" "$rounds" "$out" "$dir/results.tsv" "$dir/wall.tsv" \
    -- hand "$dir/$hand" "$input" "$out" "$@" \
    -- native "$dir/$program" --quiet --set input="$input" --set output="$out" $more \
    -- jit "$weir" run "$here/$program.weir" --quiet --set input="$input" --set output="$out" $more
  rm -f "$out" "$out.spend" "$dir/expected" "$dir/expected.spend"
  grep "^$name	" "$dir/results.tsv"
}

for table in results wall; do
  printf 'case\tsubject\trival\tmin\tmedian\tmax\trows_per_s\n' > "$dir/$table.tsv"
done
cat "$dir/results.tsv"
one filter-project   filter         bids   hand_filter
one selective        selective      quotes hand_selective
one tumbling-1k-keys tumbling_small bids   hand_tumbling auction 1
one tumbling-1m-keys tumbling_large bids   hand_tumbling bidder 600
one session          session        visits hand_session
merchants=$here/../../examples/fraud/merchants.csv
more="--set merchants=$merchants"
one fraud            fraud          payments hand_fraud "$merchants"

# start WHAT SUBJECT UNIT AIM KIND RUNS CMD..
start() {
  what=$1 subject=$2 unit=$3 aim=$4
  shift 4
  printf '%s\t%s\t%s\t%s\t%s\n' "$what" "$subject" "$("$dir/startup" "$@")" "$unit" "$aim" >> "$dir/startup.tsv"
}
printf 'what\tsubject\tmin\tmedian\tmax\tunit\taim\n' > "$dir/startup.tsv"
"$weir" build "$here/startup.weir" -o "$dir/startup_native"
"$weir" build "$here/first_alert.weir" -o "$dir/first_alert_native"
start "first row"      jit    ms 20 first 15 "$weir" run "$here/startup.weir" --quiet
start "first row"      native ms -  first 15 "$dir/startup_native" --quiet
start "first alert"    jit    ms -  alert 15 "$weir" run "$here/first_alert.weir" --quiet $more
start "first alert"    native ms -  alert 15 "$dir/first_alert_native" --quiet $more
start "memory at rest" jit    MB 15 idle 3 "$weir" run "$here/startup.weir" --quiet
start "memory at rest" native MB 15 idle 3 "$dir/startup_native" --quiet
start "check"          compiler ms - whole 15 "$weir" check "$here/session.weir"
start "run, no rows"   jit    ms -  whole 15 "$weir" run "$here/session.weir" --quiet --set input=/dev/null --set output=/dev/null
start "build"          native ms -  whole 3 "$weir" build "$here/session.weir" -o "$dir/session"
echo
cat "$dir/startup.tsv"
