#!/bin/bash
# rows.sh [BUILD] -- every example in builtins.def and aggregates.def gives the value that stands beside
# it, in memory and as a built binary.
set -u
cd "$(dirname "$0")/.."
build=${1:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$build/gen_rows" "$dir" || exit 1
tests/golden.sh "$build/weir" "$dir/functions.weir" "$dir/aggregates.weir" |
  sed "s,golden/$dir/,rows/,; s/^\([-+]{\)/\1/" | awk '
    /^[-+]\{/ { n = split($0, part, /,"/); for (i = 1; i <= n; i++) line[substr($0, 1, 1), i] = part[i]; width = n; next }
    { flush(); print }
    END { flush() }
    function flush(  i) {                 # of one long line, the fields that differ
      for (i = 1; i <= width; i++)
        if (line["-", i] != line["+", i] && substr(line["-", i], 2) != substr(line["+", i], 2))
          print "    expected " line["-", i] "   got " line["+", i]
      width = 0
      delete line
    }'
exit "${PIPESTATUS[0]}"
