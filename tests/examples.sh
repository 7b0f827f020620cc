#!/bin/bash
# examples.sh [BUILD] [--all] -- every example gives what its folder says, however it is run.
#
# examples/NAME holds NAME.weir, its input, optionally `cmd` (arguments of the run, one line) and
# expected/: `stdout` and each file that the run writes. A run happens in a copy of the folder without
# expected/; what it wrote must be exactly those files, byte for byte: in memory with batches of 1, 7
# and 4096 rows, by the native tier, and as a built binary, far from its program. --all also builds
# with the other C compilers that are there. examples_oracle.py computes the same outputs anew, in
# Python, from the inputs: expected/ is not only what Weir said the day before.
set -u
cd "$(dirname "$0")/.."
export LC_ALL=C TZ=UTC
build=build all=
for arg; do if [ "$arg" = --all ]; then all=1; else build=$arg; fi; done
WEIR=$(realpath "$build/weir") || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# run LABEL COMMAND...: runs it in a fresh copy of the example's folder and compares what came out.
run() {
  local label="examples/$name, $1" dir=$tmp/run f
  shift
  rm -rf "$dir" "$tmp/got"
  cp -r "examples/$name" "$dir"
  rm -rf "$dir/expected"
  mkdir "$tmp/got"
  if ! (cd "$dir" && timeout 120 "$@" "${args[@]}" --quiet >"$tmp/got/stdout" 2>"$tmp/err" </dev/null); then
    echo "it failed: $*" >>"$tmp/err"
  fi
  for f in "$dir"/*; do
    [ -e "examples/$name/$(basename "$f")" ] || mv "$f" "$tmp/got/"
  done
  if [ ! -s "$tmp/err" ] && diff -r -u "examples/$name/expected" "$tmp/got" >"$tmp/diff" 2>&1; then
    echo "ok $label"
  else
    echo "FAIL $label"
    head -40 "$tmp/err" "$tmp/diff"
    failed=1
  fi
}

built() {                                 # label, compiler ("" for the default)
  if ! (cd "examples/$name" && ${2:+env CC=$2} "$WEIR" build "$name.weir" -o "$tmp/binary") >"$tmp/err" 2>&1; then
    echo "FAIL examples/$name, $1"
    cat "$tmp/err"
    failed=1
    return
  fi
  run "$1" "$tmp/binary"
}

for program in examples/*/*.weir; do
  name=$(basename "$program" .weir)
  [ "$program" = "examples/$name/$name.weir" ] || continue
  args=()
  [ ! -f "examples/$name/cmd" ] || eval "args=($(cat "examples/$name/cmd"))"
  for batch in 1 7 4096; do
    run "batch $batch" "$WEIR" run "$name.weir" --batch $batch
  done
  run "native tier" "$WEIR" run --tier native "$name.weir"
  built "binary" ""
  [ "$all" ] || continue
  for cc in gcc clang; do
    ! command -v $cc >/dev/null || built "binary by $cc" $cc
  done
done
python3 tests/examples_oracle.py || failed=1
exit $failed
