#!/bin/bash
# demo.sh WEIR -- what `make demo` shows: a program, what it makes of its input, a changed threshold,
# a standalone binary. Runs in a copy of examples/payments, build/demo, which stays for your own tries.
set -eu
weir=$(realpath "$1")
example=$(dirname "$(realpath "$0")")/payments
demo=$(dirname "$weir")/demo
rm -rf "$demo"
mkdir -p "$demo"
cp "$example/payments.weir" "$example/payments.jsonl" "$demo"
cd "$demo"
PATH=$(dirname "$weir"):$PATH

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }
try() { say "\$ $*"; "$@"; }

say "# The program: hourly totals by user, and alerts"
sed '/^#/d; /./,$!d' payments.weir
say "# Its input: $(wc -l <payments.jsonl) payments, the first of them"
head -n 3 payments.jsonl
say "# In memory: alerts come out here, totals, bad rows and late rows go to files"
try weir run payments.weir
try head -n 4 spend.csv
try head -n 2 quarantine.jsonl
try head -n 2 late.jsonl
say "# Another threshold"
try weir run payments.weir --set max_spend=1000.00 --quiet
say "# A binary that needs nothing but libc"
try weir build payments.weir
try ls -sh payments
try ./payments --quiet --set max_spend=2500.00

cat <<END

All of it is in $demo. Try:
  cd $demo
  editor payments.weir          change max_spend
  $weir run payments.weir
  $weir explain payments.weir   what it costs to run
END
