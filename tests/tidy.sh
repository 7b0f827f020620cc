#!/bin/bash
# tidy.sh -- the style guide, executed: borders between the folders, sizes, names, words.
# Each rule prints `ok RULE`, or `FAIL RULE` and the offenders.
set -u
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8
bad=0

rule() {                                  # NAME; offenders on standard input
  local found
  found=$(cat)
  if [ -z "$found" ]; then echo "ok $1"; return; fi
  echo "FAIL $1"
  sed 's/^/    /' <<<"$found" | head -n 20
  [ "$(wc -l <<<"$found")" -le 20 ] || echo "    ... $(wc -l <<<"$found") in all"
  bad=1
}

c_files=$(ls compiler/*.[chly] runtime/*.[ch] include/weir/*.h include/weir/agg/*.h 2>/dev/null)
test_files=$(find tests -name '*.[ch]')
all_text=$(find compiler runtime include tests examples docs .ci Makefile README.md -type f \
  ! -path '*/corpus/*' ! -name tidy.sh 2>/dev/null)

# ---- borders ----

# Quoted includes of folder $1 that are neither there nor in include/.
foreign() {
  grep -Hno '^ *# *include *"[^"]*"' "$1"/*.[chly] | while IFS=: read -r file line text; do
    name=${text#*\"}; name=${name%\"}
    [ -e "$1/$name" ] || [ -e "include/$name" ] || [ "$name" = parser.h ] || [ "$name" = lexer.h ] || echo "$file:$line: $name"
  done
}
foreign compiler | rule "compiler/ includes its own headers and include/ only"
{ foreign runtime; grep -Hn '"\(parser\|lexer\)\.h"' runtime/*.[ch]; } | rule "runtime/ includes its own headers and include/ only"
grep -ln '<libtcc.h>' compiler/*.* runtime/*.* include/weir/*.* | grep -v '^compiler/jit.c$' | rule "libtcc in jit.c only"
grep -ln '<librdkafka' compiler/*.[chly] runtime/*.[ch] include/weir/*.* | grep -v '^runtime/kafka_api.h$' | rule "rdkafka.h in kafka_api.h only"
grep -ln 'kafka_api.h"\|conn_kafka' compiler/*.[chly] runtime/*.[ch] | grep -v '^runtime/\(conn_\)\?kafka' | rule "librdkafka is called by Kafka's files only"
grep -nwE '(posix_spawnp?|fork|vfork|popen|system|exec[lv]p?e?) *\(' compiler/*.[chly] runtime/*.[ch] | grep -v '^compiler/aot.c:' |
  rule "programs are started by aot.c only"
grep -nE '^ *# *include' include/weir/*.h include/weir/agg/*.h |
  grep -vE '"weir/|<(std(def|bool|int)|string)\.h>' | rule "public headers include public headers only"
# What generated code sees: rt.h and everything from there.
{ seen=include/weir/rt.h
  while :; do
    more=$(sed -n 's/^ *# *include *"\(weir[^"]*\)".*/include\/\1/p' $seen | cat - <(tr ' ' '\n' <<<"$seen") | sort -u | tr '\n' ' ')
    [ "$more" = "$seen" ] && break
    seen=$more
  done
  grep -nE '^ *# *include *<' $seen; } | rule "generated code sees no system header"

# ---- names: a row's name stands in its .def file and nowhere in the compiler ----

row_names() {
  sed -n 's/^ *\(FN[0-4]\|AGG[0-2]\|AGGLATER[12]\|CONN\|CONNLATER\|FMT\|FMTLATER\)(\([a-z_0-9]*\),.*/\2/p' include/weir/*.def
  sed -n 's/^WIN([A-Z]*, *"\([a-z][a-z]*\)".*/\1/p' include/weir/windows.def
}
# Words of the language that also name a row, types, units, modes of a sink; the grammar's own names.
words=$(sed -n 's/^WORD(\([a-z]*\),.*/\1/p' compiler/words.def; printf '%s\n' json any log hash last microsecond millisecond year quarter month week day hour minute second)
row_names | sort -u | grep -vxF "$words" | sed 's/.*/"&"/' | grep -nF -f - compiler/*.[ch] | grep -vE '^compiler/syntax\.c:' |
  rule "no row's name as a literal in compiler/"

# ---- shape ----

for f in $c_files; do n=$(wc -l <"$f"); [ "$n" -le 700 ] || echo "$f: $n lines"; done | rule "files have at most 700 lines"
for f in $test_files; do n=$(wc -l <"$f"); [ "$n" -le 1200 ] || echo "$f: $n lines"; done | rule "tests have at most 1200 lines"
awk 'FNR == 1 { start = 0 }
     /^\{/ && !start { start = FNR - 1 }
     /^[A-Za-z_].*\).*\{$/ && !/= *\{$/ && !start { start = FNR }
     /^\}/ && start { if (FNR - start + 1 > 70) print FILENAME ":" start ": " FNR - start + 1 " lines"; start = 0 }' \
  $(ls compiler/*.c runtime/*.[ch] include/weir/*.h include/weir/agg/*.h) | rule "functions have at most 70 lines"
grep -nE '^.{121,}' $c_files | cut -c1-100 | rule "lines have at most 120 columns"
grep -nP '\t|[ \t]+$' $c_files $test_files | cut -c1-100 | rule "no tabs, nothing at the end of a line"
for f in $c_files $test_files tests/*/*.sh; do
  case $f in *.sh) want='#!' ;; *) want='/*' ;; esac
  read -r -n2 first <"$f"
  [ "$f" = compiler/parser.y ] || [ "$f" = compiler/lexer.l ] || [ "$first" = "$want" ] || echo "$f"
done | rule "every file opens with what it is"
# A switch over kinds names them all. Others (a character, a number) say so in a comment beside it.
grep -nE '^ *default:' compiler/*.[chly] | grep -v '/\*' | rule "no default in a switch over kinds"

# ---- manual pages: one for each command ----

if command -v mandoc >/dev/null; then mandoc -Tlint -Wwarning docs/man/*.1 | rule "manual pages are well-formed"; fi
sed -n 's/^  { "\([a-z]*\)", "\1 .*/\1/p' compiler/main.c | while read -r c; do
  [ -e "docs/man/weir-$c.1" ] || echo "docs/man/weir-$c.1"
done | rule "every command has a manual page"

# ---- words ----

grep -nwE 'TODO|FIXME|XXX|HACK' $all_text | cut -c1-120 | rule "nothing is left to do"
grep -nE '/(work|home|root|Users)/[a-z]' $all_text | cut -c1-120 | rule "no path of a machine"
grep -niE 'not implemented|unimplemented|\bstub\b' $c_files | cut -c1-120 | rule "nothing pretends"
exit $bad
