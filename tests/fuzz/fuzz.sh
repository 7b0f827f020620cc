#!/bin/bash
# fuzz.sh SECONDS [NAME...] -- runs each fuzzer that `make fuzz` built, from its corpus. What it learns
# stays in build/fuzz/corpus/NAME; a finding stops it, and its input is left in build/fuzz/found.
# With KEEP=1 what adds coverage goes to tests/fuzz/corpus/NAME afterwards.
set -u
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift
failed=0
mkdir -p build/fuzz/found
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1} UBSAN_OPTIONS=print_stacktrace=1
for program in build/fuzz/fuzzers/fuzz_*; do
  name=${program##*/fuzz_}
  [ -x "$program" ] && [ "$name" = "${name%.d}" ] || continue
  [ $# = 0 ] || [[ " $* " = *" $name "* ]] || continue
  mkdir -p "build/fuzz/corpus/$name"
  seeds=()
  for d in "tests/fuzz/corpus/$name" $([[ $name = parse || $name = emit ]] && ls -d tests/golden/*/ examples/*/); do
    [ ! -d "$d" ] || seeds+=("$d")
  done
  if "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=65536 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/found/$name-" "build/fuzz/corpus/$name" "${seeds[@]}" >"build/fuzz/$name.log" 2>&1; then
    [ -z "${KEEP:-}" ] || {
      mkdir -p "tests/fuzz/corpus/$name"
      "$program" -merge=1 -max_len=4096 "tests/fuzz/corpus/$name" "build/fuzz/corpus/$name" >/dev/null 2>&1
    }
    echo "ok fuzz/$name ($(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log") runs)"
  else
    echo "FAIL fuzz/$name"
    grep -vE '^#|^INFO|NEW_FUNC' "build/fuzz/$name.log" | tail -40
    failed=1
  fi
done
exit $failed
