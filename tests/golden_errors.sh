#!/bin/bash
# golden_errors.sh [WEIR [--bless]] -- every program in tests/golden/errors against what `weir check` says
# of it. A program's name begins with the code that it is about; 65 is the exit code of an error, a
# program with warnings only ends with 0. --bless writes the answers instead (then read them).
set -u
bless=${2:-}
cd "$(dirname "$0")/.." || exit 2
weir=$(realpath "${1:-build/weir}")
cd tests/golden/errors || exit 2
out=$(mktemp)
trap 'rm -f "$out"' EXIT
run=0 bad=0

for program in *.weir; do
  [ "$program" = common.weir ] && continue
  "$weir" check "$program" 2>"$out" >/dev/null
  code=$?
  if [ "$bless" = --bless ]; then cp "$out" "${program%.weir}.err"; continue; fi
  want=0
  grep -q ': error\[' "${program%.weir}.err" && want=65
  number=${program%%-*}
  run=$((run + 1))
  if ! cmp -s "$out" "${program%.weir}.err"; then
    echo "FAIL $program: another answer"
    diff "${program%.weir}.err" "$out" | head -n 12
    bad=$((bad + 1))
  elif [ "$code" -ne "$want" ]; then
    echo "FAIL $program: exit code $code, not $want"
    bad=$((bad + 1))
  elif [[ $number =~ ^[0-9]+$ ]] && ! grep -q "\[E0$number\]" "$out"; then
    echo "FAIL $program: no E0$number"
    bad=$((bad + 1))
  else
    echo "ok errors/${program%.weir}"
  fi
done
[ "$bless" = --bless ] && exit 0
echo "$((run - bad)) of $run wrong programs are told what is wrong with them"
[ "$bad" -eq 0 ]
