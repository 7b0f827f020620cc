#!/bin/sh
# deps.sh PACKAGE... -- says which Debian packages are missing and installs them; asks apt for nothing
# when none is. clang-rt stands for the sanitizer library of the default clang's version.
set -eu

have() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

if ! command -v dpkg-query >/dev/null; then
  echo "This is not a Debian: please install what these packages hold: $*" >&2
  exit 0
fi

missing=
want_rt=
for p in "$@"; do
  if [ "$p" = clang-rt ]; then want_rt=1
  elif ! have "$p"; then missing="$missing $p"
  fi
done

# The library's package carries the version of the package that `clang` depends on.
rt_package() {
  if have clang; then v=$(dpkg-query -W -f '${Depends}' clang)
  else v=$(apt-cache show clang 2>/dev/null | sed -n 's/^Depends: //p' | head -1)
  fi
  v=$(printf '%s' "$v" | sed -n 's/^[^0-9]*clang-\([0-9][0-9]*\).*/\1/p')
  [ -z "$v" ] || echo "libclang-rt-$v-dev"
}
rt=
if [ -n "$want_rt" ]; then
  rt=$(rt_package)
  if [ -n "$rt" ] && have "$rt"; then want_rt=; fi
fi
[ -n "$missing$want_rt" ] || exit 0

echo "Missing Debian packages:$missing${want_rt:+ ${rt:-libclang-rt-dev}}"
as_root=
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Installing them needs root: run this as root, install sudo, or run as root:" >&2
    echo "  apt-get install --no-install-recommends$missing${rt:+ $rt}" >&2
    exit 1
  fi
  as_root=sudo
fi

export DEBIAN_FRONTEND=noninteractive
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o=Dpkg::Use-Pty=0 "$@"; }
lists() { ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1; }
install() { apt install -y --no-install-recommends "$@" >/dev/null; }

lists || apt update
if [ -n "$want_rt" ]; then
  rt=$(rt_package)
  [ -z "$rt" ] || missing="$missing $rt"
fi
echo "Installing:$missing"
# shellcheck disable=SC2086  # a list of names
install $missing || { apt update && install $missing; } || {
  echo "apt-get could not install them; its message stands above." >&2
  exit 1
}
