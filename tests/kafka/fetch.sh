#!/bin/bash
# fetch.sh -- copies the jars that pom.xml names to build/kafka/lib, once: Maven is asked again only when
# pom.xml has changed. Exit code 3 and a reason when Java or Maven is missing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
to=$(cd "$here/../.." && pwd)/build/kafka
JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java
least=11                                  # what Kafka 3.9 needs; it is tested with 17

major=$("$JAVA" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
if [ "${major:-0}" -lt $least ]; then
  echo "There is no Java 17 here${major:+ (${JAVA} is version $major)}, which Apache Kafka needs. Debian's package:" \
    "apt-get install default-jre-headless (or openjdk-17-jre-headless)" >&2
  exit 3
fi
sum=$(sha256sum <"$here/pom.xml")
[ "$(cat "$to/pom.sum" 2>/dev/null)" = "$sum" ] && [ -d "$to/lib" ] && exit 0
if ! command -v mvn >/dev/null; then
  echo "There is no Maven here, which fetches Apache Kafka (46 MB, once). Debian's package: apt-get install maven" >&2
  exit 3
fi

# In a folder of its own, then renamed: what is interrupted leaves nothing that looks complete.
mkdir -p "$to" && new=$(mktemp -d "$to/new.XXXXXX") || exit 1
trap 'rm -rf "$new"' EXIT
trap 'exit 130' INT TERM HUP
fetch() {                                 # SECONDS ARGUMENT...
  local seconds=$1
  shift
  timeout "$seconds" mvn -q -B "$@" -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$new/lib" </dev/null
}
# Offline first: what Maven has kept from another time needs no network.
if ! fetch 120 -o >"$new/offline.log" 2>&1; then
  echo "fetching Apache Kafka with Maven (46 MB, once)" >&2
  rm -rf "$new/lib"
  fetch 900 >"$new/log" 2>&1 || {
    tail -n 20 "$new/log" >&2
    echo "fetch.sh: Maven could not fetch the jars of tests/kafka/pom.xml; its message stands above" >&2
    exit 1
  }
fi
rm -rf "$to/lib" && mv "$new/lib" "$to/lib" && echo "$sum" >"$to/pom.sum"
