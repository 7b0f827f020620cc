#!/bin/bash
# golden.sh [--bless | --all | --no-native] [--batch N] [WEIR] [CASE...] -- programs and what comes out.
#
# tests/golden/CHAPTER/NAME.weir runs in a folder of its own: NAME.in is its standard input, the files
# of NAME.d stand beside it, NAME.args holds options. NAME.out is everything that comes out: standard
# output, then each file that was written after a line `== its name`, then standard error after
# `== stderr` and the exit code after `== exit`, where these are not empty and 0.
# Each case runs in memory with batches of 1, 7 and 4096 rows; every fifth (with --all each) is also
# built as a binary. All must give the same bytes. --bless writes NAME.out from a batch of 1024.
set -u
cd "$(dirname "$0")/.."
export LC_ALL=C TZ=UTC

# What a run of $1 (in folder $2, whose files before were $3) left behind, in the form of NAME.out.
collect() {
  local dir=$1 code=$2 f
  cat "$dir/.out"
  for f in "$dir"/*; do
    [ -e "$dir/.before/$(basename "$f")" ] && continue
    echo "== $(basename "$f")"
    cat "$f"
  done
  if [ -s "$dir/.err" ]; then echo "== stderr"; cat "$dir/.err"; fi
  [ "$code" = 0 ] || echo "== exit $code"
}

# one CASE MODE: runs it and prints the collected output; MODE is a batch size or `native`.
run_case() {
  local case=$1 mode=$2 dir=$3 name base args=() code in=/dev/null
  name=$(basename "$case" .weir) base=${case%.weir}
  cp "$case" "$dir/$name.weir"
  [ ! -d "$base.d" ] || cp -r "$base.d/." "$dir/"
  mkdir "$dir/.before"
  cp -r "$dir"/* "$dir/.before/"
  [ ! -f "$base.in" ] || in=$PWD/$base.in
  [ ! -f "$base.args" ] || eval "args=($(cat "$base.args"))"
  if [ "$mode" = native ]; then
    if ! (cd "$dir" && timeout 120 "$WEIR" build "$name.weir" -o .binary >.out 2>.err); then
      collect "$dir" 1
      return
    fi
    (cd "$dir" && timeout 30 ./.binary --quiet "${args[@]}" <"$in" >.out 2>.err)
  else
    (cd "$dir" && timeout 30 "$WEIR" run "$name.weir" --quiet --batch "$mode" "${args[@]}" <"$in" >.out 2>.err)
  fi
  code=$?
  collect "$dir" $code
}

if [ "${1:-}" = --one ]; then             # a worker of xargs below
  mode=$2 case=$3
  label="golden/${case#tests/golden/} $mode"
  dir=$(mktemp -d)
  trap 'rm -rf "$dir" "$dir.got"' EXIT
  run_case "$case" "$mode" "$dir" >"$dir.got" 2>&1
  if [ "$BLESS" ]; then
    cp "$dir.got" "${case%.weir}.out"
  elif diff -u --label expected --label "$label" "${case%.weir}.out" "$dir.got" >"$dir/.diff" 2>&1; then
    echo "ok $label"
  else
    { echo "FAIL $label"; head -60 "$dir/.diff"; } >"$dir/.report"
    cat "$dir/.report"                    # in one write, so that workers do not mix
  fi
  exit 0
fi

BLESS= all= native=1 batches="1 7 4096" WEIR=build/weir cases=()
while [ $# -gt 0 ]; do
  case $1 in
    --bless) BLESS=1 ;;
    --all) all=1 ;;
    --no-native) native= ;;
    --batch) batches=$2; shift ;;
    *.weir) cases+=("$1") ;;
    *) WEIR=$1 ;;
  esac
  shift
done
WEIR=$(realpath "$WEIR")
export WEIR BLESS

if [ ${#cases[@]} = 0 ]; then
  for c in tests/golden/*/*.weir; do
    case $c in tests/golden/parse/*|tests/golden/errors/*) ;; *) cases+=("$c") ;; esac
  done
elif [ "$native" ]; then
  all=1
fi

jobs() {
  local i=0 c b
  for c in "${cases[@]}"; do
    if [ "$BLESS" ]; then echo "1024 $c"; continue; fi
    for b in $batches; do echo "$b $c"; done
    i=$((i + 1))
    if [ "$native" ] && { [ "$all" ] || [ $((i % 5)) = 1 ]; }; then echo "native $c"; fi
  done
}
report=$(mktemp)
trap 'rm -f "$report"' EXIT
jobs | xargs -P2 -L1 "$0" --one | tee "$report"
! grep -q '^FAIL' "$report"
