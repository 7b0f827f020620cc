#!/bin/bash
# check.sh [--all] -- every test, one suite after the other: `make check`.
#
# A suite is a command that prints `ok NAME` and `FAIL NAME` lines, or a cmocka program; each test in it
# counts. A suite that ends badly without having named a failure counts as one. What failed is shown
# with its output; so is what a suite skipped (`SKIP REASON`: it counts for nothing, and under WEIR_CI=1,
# which .ci/run sets, suites fail instead). Every step has a time limit. The last line is `N passed, N failed`.
# --all runs whole what is sampled otherwise because each case costs a native compile.
set -u
cd "$(dirname "$0")/.."
MAKE=${MAKE:-make}
all=${1:-}
jobs=2
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export LC_ALL=C TZ=UTC ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0:allocator_may_return_null=1:detect_odr_violation=0} UBSAN_OPTIONS=print_stacktrace=1
unset CC CFLAGS CPPFLAGS LDFLAGS NO_COLOR

# suite NAME SECONDS COMMAND...
suite() {
  local name=$1 limit=$2 start=$SECONDS code good bad
  shift 2
  timeout --kill-after=10 "$limit" "$@" >"$log" 2>&1 </dev/null
  code=$?
  good=$(grep -cE '^(ok |\[       OK \])' "$log")
  bad=$(grep -cE '^(FAIL |\[  FAILED  \] [^0-9])' "$log")
  if [ "$(grep -cE '^\[=+\] Running' "$log")" != 0 ]; then   # cmocka lists its failures a second time
    bad=$(sed -n 's/^\[  FAILED  \] \([0-9][0-9]*\) test(s).*/\1/p' "$log" | head -1)
    bad=${bad:-0}
  fi
  [ "$good" != 0 ] || [ "$code" != 0 ] || grep -q '^SKIP ' "$log" || good=1
  if [ "$code" != 0 ] && [ "$bad" = 0 ]; then
    bad=1
    [ "$code" != 124 ] || echo "timed out after $limit s" >>"$log"
    echo "ended with exit code $code" >>"$log"
  fi
  passed=$((passed + good)) failed=$((failed + bad))
  if [ "$bad" = 0 ]; then
    printf 'ok %s (%d, %d s)\n' "$name" "$good" $((SECONDS - start))
    sed -n 's/^SKIP /  | SKIP /p' "$log"
    return 0
  fi
  printf 'FAIL %s (%d of %d)\n' "$name" "$bad" $((good + bad))
  grep -vE '^(ok |\[       OK \]|\[ RUN      \])' "$log" | tail -n 150 | sed 's/^/  | /'
  return 1
}

skip() { failed=$((failed + 1)); echo "FAIL $1 (not run: $2)"; }

unit_tests() {                            # build folder, label
  local t
  for t in tests/unit/test_*.c; do
    t=$(basename "$t" .c)
    suite "unit/$t, $2" 300 "$1/tests/$t"
  done
}


echo "== build"
suite "build with gcc" 1200 $MAKE -j$jobs CC=gcc BUILD=build all tests || gcc_failed=1
suite "build with clang" 1200 $MAKE -j$jobs CC=clang BUILD=build/clang all tests || clang_failed=1
suite "build with sanitizers" 1500 $MAKE -j$jobs CC=gcc BUILD=build/asan OPT=-O1 SANITIZE=address,undefined all tests || asan_failed=1

echo "== source"
suite tidy 120 tests/tidy.sh
suite "headers by tcc alone" 60 tests/headers.sh
suite "docs/builtins.md is fresh" 60 bash -c 'build/gen_docs | diff docs/builtins.md - || { echo "FAIL run: make docs"; exit 1; }'

if [ "${gcc_failed:-}" ]; then
  skip "everything that runs" "the build failed"
else
  echo "== unit"
  unit_tests build gcc
  echo "== behaviour"
  suite "golden" 600 tests/golden.sh ${all:+--all}
  suite "rows of the .def files" 300 tests/rows.sh
  suite "errors" 300 tests/golden_errors.sh
  suite "examples" 300 tests/examples.sh build $all
  echo "== documentation"
  suite "docs/errors.md" 300 tests/errors_doc.sh
  suite "docs/language.md" 300 tests/language_doc.sh
  suite "docs/adding.md" 900 tests/adding.sh
  echo "== outside"
  for t in tests/e2e/*.sh; do suite "e2e/$(basename "$t" .sh)" 300 env KILLS=${all:+200} "$t"; done
  echo "== a real Kafka"
  suite "kafka: the broker itself" 1400 tests/kafka/selftest.sh
  suite kafka 1800 env KILLS=${all:+30} tests/kafka/run.sh build/weir
  echo "== random programs, and against hand-written C"
  suite "random expressions, hostile texts" 1800 tests/diff/run.sh build ${all:+--cases 1000}
  suite "rules and states against a naive model" 900 tests/model/run.sh build 1000 1 --native 50
  suite "bench agrees" 300 env ROWS=20000 ROUNDS=1 tests/bench/run.sh build/clang
fi

if [ "${clang_failed:-}" ]; then skip "everything under clang" "the build failed"
else
  echo "== clang"
  unit_tests build/clang clang
  suite "golden, clang" 300 tests/golden.sh --no-native --batch 4096 build/clang/weir
fi

if [ "${asan_failed:-}" ]; then skip "everything under sanitizers" "the build failed"
else
  echo "== sanitizers"
  unit_tests build/asan sanitizers
  suite "golden, sanitizers" 600 tests/golden.sh --no-native --batch 7 build/asan/weir
fi

[ -z "$all" ] || suite "fuzzers, 30 s each" 1500 $MAKE fuzz FUZZ_SECONDS=30

mkdir -p build
echo "$passed passed, $failed failed" | tee build/check.tally
[ "$failed" = 0 ]
