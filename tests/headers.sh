#!/bin/bash
# headers.sh -- public headers compile alone: those that generated code sees (rt.h and what it includes)
# by tcc without any system header, the others, which runtime and compiler share, by the C compiler.
set -u
cd "$(dirname "$0")/.."
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
bad=0
one() {                                   # HEADER COMMAND...
  local h=$1
  shift
  printf '#include "%s"\n' "${h#include/}" >"$t/h.c"
  if "$@" -Wall -Werror -Iinclude -c -o "$t/h.o" "$t/h.c"; then echo "ok $h"; else echo "FAIL $h"; bad=1; fi
}
printf '#include "weir/rt.h"\n' | gcc -E -MM -MT x -nostdinc -Iinclude - | tr -d '\\\n' | tr ' ' '\n' | grep '\.h$' | sort >"$t/seen"
one include/weir/rt.h tcc -nostdinc
for h in $(find include/weir -name '*.h' | sort | grep -vxF -f "$t/seen"); do one "$h" gcc; done
exit $bad
