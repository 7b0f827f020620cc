#!/bin/bash
# language_doc.sh [BUILD] -- every example of docs/language.md (and the tour, and the README) is what it
# says it is.
#
# A fenced block marked `weir` is a program that `weir check` accepts; one that begins with `|` is the
# steps of a pipe and is put into the frame below. Blocks marked `... input` and `... output` that
# follow it are its standard input and what it then writes, with batches of 1 and 4096 rows; one marked
# `... file NAME` is a file that stands beside the program.
# `weir test` has tests: its output is what `weir test` prints. `weir values` has lines `expression  # value`, each computed from the row below, as JSON, or
# `# error: reason`. `weir wrong` is refused, and its comments `# E0303: text` say how.
set -u
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8 TZ=UTC
WEIR=$(realpath "${1:-build}/weir") || exit 1
root=$PWD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

cd "$dir" || exit 1                       # programs are named without a folder
head='type Event {
  id int, user string, kind enum { view, buy, other }, amount decimal(2), price float, note string?,
  tags list<string>, attrs map<string, int>, extra json?, at timestamp
}
source events: Event { from file("-")  format json  time at delay 10s  late drop  bad drop }
stream result = events'
tail='sink result { to file("-") format json }'
row='{"id":7,"user":"ann","kind":"buy","amount":12.50,"price":2.5,"note":null,"tags":["a","b"],"attrs":{"x":1},"extra":{"a":[1,"x"]},"at":"2026-01-31T10:00:00.5Z"}'

say() {                                   # ok?, label, output
  if [ "$1" = 0 ]; then echo "ok $page:$2"; return; fi
  echo "FAIL $page:$2"
  sed 's/^/    /' <<<"$3" | head -30
  failed=1
}

framed() {                                # the program of a block
  if grep -v '^#' "$1" | head -n 1 | grep -q '^|'; then printf '%s\n' "$head" "$(cat "$1")" "$tail"; else cat "$1"; fi
}

accepted() {                              # line
  local out
  framed "$1" >example.weir
  out=$("$WEIR" check example.weir 2>&1)
  say $? "$1" "$out"
}

refused() {
  local out code text status=0
  framed "$1" >example.weir
  out=$("$WEIR" check example.weir 2>&1) && status=1
  while read -r code text; do
    grep -qF "error[$code]" <<<"$out" && grep -qF "$text" <<<"$out" || status=1
  done < <(sed -n 's/^# \(E[0-9]*\): */\1 /p' "$1")
  say $status "$1 wrong" "$out"
}

gives() {
  local out batch file
  [ -f "$1.input" ] || touch "$1.input"
  for file in "$1".file.*; do [ ! -f "$file" ] || cp "$file" "${file#"$1".file.}"; done
  for batch in 1 4096; do
    out=$("$WEIR" run example.weir --quiet --batch $batch <"$1.input" 2>&1 | diff -u "$1.output" -)
    say $? "$1 batch $batch" "$out"
  done
}

tested() {                                # line
  local out
  cp "$1" example.weir
  out=$("$WEIR" test example.weir 2>&1 | diff -u "$1.output" -)
  say $? "$1 test" "$out"
}

value() {                                 # line, expression, value
  local out
  printf '%s\n' "$head | select { v: $2 }" "errors to failed" "$tail" \
    'stream reason = failed | select { reason }' 'sink reason { to file("-") format json }' >example.weir
  out=$("$WEIR" run example.weir --quiet <<<"$row" 2>&1 | grep -v '^$')
  case $3 in
    error:*) [ "$out" = "{\"reason\":\"${3#error: }\"}" ] ;;
    *) [ "$out" = "{\"v\":$3}" ] ;;
  esac
  say $? "$1 $2" "$out"
}

for page in docs/language.md docs/tour.md README.md; do
  rm -rf "${dir:?}"/*
  awk '
    /^```/ && inside { inside = 0; close(file); next }
    /^```weir/ { at = NR; kind = $2 == "" ? "accepted" : $2; print kind, at > "list"; file = at ""; inside = 1; next }
    /^```[a-z]+ (input|output)$/ { file = at "." $2; printf "" > file; inside = 1; next }
    /^```[a-z]+ file [^ ]+$/ { file = at ".file." $3; printf "" > file; inside = 1; next }
    /^```/ { file = "/dev/null"; inside = 1; next }
    inside { print > file }' "$root/$page"
  while read -r kind line; do
    case $kind in
      accepted)
        accepted "$line"
        if [ -f "$line.output" ]; then gives "$line"; fi ;;
      wrong) refused "$line" ;;
      test) tested "$line" ;;
      values)
        while IFS= read -r text; do
          line=$((line + 1))
          [ -z "$text" ] || value "$line" "$(sed 's/ *# .*//' <<<"$text")" "${text#*# }"
        done <"$line" ;;
      *) say 1 "$line" "there is no kind of example named $kind" ;;
    esac
  done <list
done
exit $failed
