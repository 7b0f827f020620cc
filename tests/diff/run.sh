#!/bin/bash
# run.sh BUILD [--cases N] [--seed S] -- the compiler against itself and against an independent evaluator.
#
# BUILD is the folder with weir. Without --cases: 300 programs in memory, 12 also by gcc, 6 by clang, 60
# conditions and the hostile texts, about a minute. With --cases N: N programs, every tenth native, N
# conditions and N random texts besides the list. A failure prints its seed and the smallest expression.
set -u
build=$(realpath "$1")
[ -x "$build/weir" ] || { echo "FAIL no weir in $1"; exit 1; }
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1
shift
cases=300 gcc=12 clang=6 conditions=60 texts=20 seed=1
while [ $# -gt 1 ]; do
  case $1 in
    --cases) cases=$2 gcc=$(($2 / 10 + 1)) clang=$(($2 / 10 + 1)) conditions=$2 texts=$2 ;;
    --seed) seed=$2 ;;
    *) echo "FAIL unknown option $1"; exit 1 ;;
  esac
  shift 2
done
failed=0
python3 run.py "$build" --cases $cases --gcc $gcc --clang $clang --seed "$seed" || failed=1
python3 tlp.py "$build" --cases $conditions --seed "$seed" || failed=1
python3 hostile.py "$build" --cases $texts --seed "$seed" || failed=1
exit $failed
