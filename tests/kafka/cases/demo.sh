#!/bin/bash
# demo.sh -- `make demo KAFKA=host:port`: topics of its own, the alerts, the score; and a cluster that is
# not there.
set -u
. "$(dirname "$0")/../cases.sh"
demo=$(dirname "$0")/../../../examples/demo.sh
alert='^[A-Z][a-z]{2} [0-9]{2} [A-Z][a-z]{2} .* (velocity|unusual) '

check "the demo runs on a cluster" env KAFKA="$KAFKA_PLAIN" "$demo" "$WEIR"
mv check.out shown
check "with alerts" [ "$(grep -cE "$alert" shown)" -ge 10 ]
check "and their precision" grep -q '% *precision$' shown
"$KTOOL" list >topics
if grep -q '^weir-demo-' topics; then fail "its topics are gone afterwards" topics; else ok "its topics are gone afterwards"; fi

KAFKA=127.0.0.1:1 "$demo" "$WEIR" >shown 2>&1
check "without a cluster it says what to do" grep -q 'Without one: make demo' shown
