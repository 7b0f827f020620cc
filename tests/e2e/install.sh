#!/bin/bash
# install.sh -- `make install` into a folder, which is then moved: weir runs and builds from there.
set -u
cd "$(dirname "$0")/../.."
export LC_ALL=C
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
check() { if eval "$2"; then echo "ok $1"; else echo "FAIL $1"; cat "$dir/log"; failed=1; fi; }

check "make install" 'make install DESTDIR="$dir/stage" PREFIX=/opt/weir >"$dir/log" 2>&1'
mv "$dir/stage/opt/weir" "$dir/moved"
bin=$dir/moved/bin/weir
for f in bin/weir lib/weir/libweir_rt.a lib/weir/include/weir/rt.h share/man/man1/weir-run.1 share/doc/weir; do
  check "installed: $f" '[ -e "$dir/moved/$f" ]'
done
check "nothing else is installed" '[ "$(ls "$dir/moved" | tr "\n" " ")" = "bin lib share " ]'
mkdir "$dir/elsewhere"
cd "$dir/elsewhere"
check "weir new" '"$bin" new first >"$dir/log" 2>&1'
cd first
check "weir run" '"$bin" run first.weir --quiet >../run.out 2>"$dir/log" && [ -s ../run.out ]'
check "weir build, from where it was moved to" '"$bin" build first.weir >"$dir/log" 2>&1'
rm -rf "$dir/moved"
check "the binary gives the same without Weir" './first --quiet >../binary.out 2>"$dir/log" && cmp ../run.out ../binary.out'
exit $failed
