#!/bin/bash
# adding.sh [BUILD] -- docs/adding.md holds: its patches are enough, and its programs do what it says.
#
# All patches of the page (blocks marked `diff`) are applied to a copy of the tree, which is built
# there. A block marked `weir` is a program; `... input` and `... output` behind it are its standard
# input and what it then writes. `weir wrong` is refused, and its comments `# E0203: text` say how.
# Every program runs in memory, the last one also as a built binary. BUILD is not used: what is
# tested is a tree that does not exist yet.
set -u
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8 TZ=UTC
page=docs/adding.md
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

say() {                                   # status, label; what is to be shown is on standard input
  if [ "$1" = 0 ]; then passed=$((passed + 1)); echo "ok $2"; return 0; fi
  failed=$((failed + 1))
  echo "FAIL $2"
  head -n 40 | sed 's/^/    /'
  return 1
}

finish() { echo "$passed passed, $failed failed"; [ "$failed" = 0 ]; exit; }

# Blocks as files named by the line that they begin at: 31.diff, 60.weir, 60.input, 60.output, 80.wrong.
awk -v dir="$tmp" '
  /^```/ && inside { inside = 0; close(file); next }
  /^```diff$/ { file = dir "/" NR ".diff" }
  /^```weir/ { at = NR; file = dir "/" at "." ($2 == "" ? "weir" : $2) }
  /^```[a-z]+ (input|output)$/ { file = dir "/" at "." $2 }
  /^```/ { inside = 1; next }
  inside { print > file }' "$page"

tree=$tmp/tree
mkdir -p "$tree/tests"
cp -r Makefile compiler include runtime "$tree"
cp -r tests/*.sh tests/unit tests/tools "$tree/tests"
cd "$tree" || exit 1
for patch in $(ls "$tmp"/*.diff | sort -V); do
  git apply --whitespace=nowarn "$patch" >"$tmp/log" 2>&1 </dev/null
  say $? "$page:$(basename "$patch" .diff) applies" <"$tmp/log" || finish
done
make -j2 BUILD=build OPT=-O1 all build/tests/test_agg build/gen_docs build/gen_rows >"$tmp/log" 2>&1 </dev/null
say $? "the copy builds" < <(grep -A5 -E 'rror|undefined' "$tmp/log") || finish
WEIR=$tree/build/weir

build/tests/test_agg >"$tmp/log" 2>&1
say $? "the laws hold" <"$tmp/log"
tests/rows.sh build >"$tmp/log" 2>&1
say $? "the examples of the rows hold" < <(grep -v '^ok ' "$tmp/log")
build/gen_docs >"$tmp/log"
for row in $(sed -n 's/^+\(FN[0-4]\|AGG[0-2]\|WIN\|FMT\|CONN\)([^A-Za-z]*\([A-Za-z_]*\).*/\2/p' "$tmp"/*.diff); do
  grep -qiE "^(### |\| \`)$row\b" "$tmp/log"
  say $? "docs/builtins.md tells of $row" </dev/null
done

cd "$tmp" || exit 1
gives() {                                 # line, label, command...
  local at=$1 label="$page:$1 $2"
  shift 2
  timeout 60 "$@" --quiet <"$at.input" 2>&1 | diff -u "$at.output" - >log
  say $? "$label" <log
}
for output in $(ls ./*.output | sort -V); do
  at=$(basename "$output" .output)
  for batch in 1 4096; do
    gives "$at" "batch $batch" "$WEIR" run "$at.weir" --batch $batch
  done
done
"$WEIR" build "$at.weir" -o binary >log 2>&1
say $? "$page:$at as a binary builds" <log && gives "$at" "as a binary" ./binary

for wrong in $(ls ./*.wrong | sort -V); do
  at=$(basename "$wrong" .wrong)
  status=0
  cp "$wrong" "$at.weir"
  "$WEIR" check "$at.weir" >log 2>&1 && status=1
  while read -r code text; do
    grep -qF "error[$code]" log && grep -qF "$text" log || status=1
  done < <(sed -n 's/^# \(E[0-9]*\): */\1 /p' "$wrong")
  say $status "$page:$at is refused" <log
done
finish
