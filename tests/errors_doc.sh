#!/bin/bash
# errors_doc.sh [WEIR] -- runs the programs of docs/errors.md. A wrong one must get the code of its page;
# a right one must not, nor any other error (E0900 aside, where the page is about something that a later
# version runs). Every code of compiler/diag_codes.def has its page, under the title given there.
set -u
cd "$(dirname "$0")/.." || exit 2
weir=$(realpath "${1:-build/weir}")
doc=$(realpath docs/errors.md)
codes=$(realpath compiler/diag_codes.def)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
bad=0

# program-CODE-KIND files, one a fenced block; `escaped` ones have their \x.. replaced by the bytes.
awk '/^### E[0-9]+ / { code = $2 }
     /^```weir / { kind = $2; name = kind == "prelude" ? "prelude.weir" : "program-" code "-" kind; escaped = $3 == "escaped"; next }
     /^```$/ { if (name && escaped) print name >"escaped"; name = ""; next }
     name { print >name }' "$doc"
[ ! -e escaped ] || while read -r name; do printf '%b' "$(sed 's/\\\\/\\\\\\\\/g' "$name")" >x && mv x "$name"; done <escaped

say() { echo "FAIL errors.md $1: $2"; bad=1; }

for program in program-*; do
  code=${program#program-} kind=${code#*-} code=${code%%-*}
  { echo 'import "prelude.weir"'; cat "$program"; } >p.weir
  "$weir" check p.weir >/dev/null 2>said
  others=$(grep -oE ' error\[E[0-9]+\]' said | grep -vE "E0900" | sort -u | tr -d '\n')
  if [ "$kind" = wrong ]; then
    grep -q "\[$code\]" said || { say "$code" "the wrong program does not get it"; head -5 said; continue; }
  elif grep -q "\[$code\]" said; then
    say "$code" "the right program gets it too"; head -5 said; continue
  elif [ -n "$others" ]; then
    say "$code" "the right program gets$others"; head -8 said; continue
  fi
  echo "ok errors.md $code $kind"
done

sed -n 's/^DIAG([A-Z_0-9]*, *\([0-9]*\), *"\(.*\)")$/### E0\1 \2/p' "$codes" | sed 's/\\"/"/g' >titles
while IFS= read -r title; do
  grep -qxF "$title" "$doc" || say "$title" "has no page"
done <titles
exit $bad
