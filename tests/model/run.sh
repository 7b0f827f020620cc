#!/bin/bash
# run.sh BUILD [CASES [SEED]] [--native N] [...] -- Weir against the naive model of rules, states, windows,
# limits and the order of rows.
#
# BUILD is the folder with weir. First the model's own tests: answers worked out by hand, which Weir must give
# too, and mutants that the random programs must notice. Then 1000 random programs in memory with three sizes
# of batches and 50 natively; run.py says what else it takes (--seconds T for fuzzing, --without to leave a
# feature out). A difference is printed made small, with its seed.
set -u
build=$(realpath "$1")
[ -x "$build/weir" ] || { echo "FAIL no weir in $1"; exit 1; }
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1
shift
failed=0
python3 selftest.py "$build" || failed=1
python3 mutants.py || failed=1
python3 run.py "$build" "$@" || failed=1
exit $failed
