#!/bin/bash
# setup.sh -- sourced by selftest.sh and run.sh: the jars, ktool, a folder $dir, and that no broker is left
# there when the script ends. `begin_broker` starts it and puts what DIR/env says into the environment.
# Where Java or Maven is missing the script ends here: skipped, or failed under WEIR_CI=1.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.." || exit 1
export LC_ALL=C KTOOL=$PWD/build/ktool KAFKA_BROKER=$here/broker.sh KAFKA_OWNER=$$

dir=$(mktemp -d)
cleanup() {
  "$KAFKA_BROKER" stop "$dir/broker" >/dev/null 2>&1
  rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

"$here/fetch.sh" 2>"$dir/why"
case $? in
  0) ;;
  3)
    if [ "${WEIR_CI:-}" ]; then echo "FAIL kafka: $(cat "$dir/why")"; echo "0 passed, 1 failed"; exit 1; fi
    echo "SKIP everything against a real Kafka: $(cat "$dir/why")"
    echo "0 passed, 0 failed"
    exit 0 ;;
  *) sed 's/^/    /' "$dir/why"; echo "FAIL kafka: no jars"; echo "0 passed, 1 failed"; exit 1 ;;
esac
command -v openssl >/dev/null || { echo "FAIL kafka: there is no openssl, which makes the certificates"; exit 1; }
[ -x "$KTOOL" ] || ${MAKE:-make} -s build/ktool || { echo "FAIL kafka: build/ktool was not built"; exit 1; }

begin_broker() {
  "$KAFKA_BROKER" start "$dir/broker" || return 1
  set -a
  . "$dir/broker/env"
  set +a
}
