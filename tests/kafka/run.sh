#!/bin/bash
# run.sh [WEIR [CASE...]] -- what Weir does against a real Kafka: starts one broker and runs every executable
# of cases/ (or the ones named), each with a time limit and, in its environment:
#
#   WEIR, KTOOL        the programs        KAFKA_*       what broker.sh writes to DIR/env
#   CASE               its name: topics and groups of a case start with it, as all cases share the broker
#   CASE_DIR           an empty folder, which is its working directory and is removed
#   KAFKA_BROKER       broker.sh; `$KAFKA_BROKER kill $KAFKA_DIR` and so on. It is started again if need be.
#
# A case prints `ok NAME` and `FAIL NAME` lines. The last line here is `N passed, N failed`.
set -u
limit=${KAFKA_CASE_SECONDS:-180}
weir=${1:-build/weir}
[ $# = 0 ] || shift
. "$(dirname "$0")/setup.sh"
WEIR=$(realpath "$weir")
export WEIR
passed=0 failed=0

run_case() {                              # FILE
  local code good bad
  CASE=$(basename "$1" .sh)
  CASE_DIR=$dir/$CASE
  export CASE CASE_DIR
  mkdir "$CASE_DIR"
  (cd "$CASE_DIR" && exec timeout --kill-after=10 "$limit" "$1") >"$dir/log" 2>&1 </dev/null
  code=$?
  good=$(grep -c '^ok ' "$dir/log")
  bad=$(grep -c '^FAIL ' "$dir/log")
  sed -E "s/^(ok|FAIL) /\1 $CASE: /" "$dir/log"
  if [ $code != 0 ] && [ "$bad" = 0 ]; then
    bad=1
    [ $code = 124 ] && echo "FAIL $CASE: timed out after $limit s" || echo "FAIL $CASE: ended with exit code $code"
  elif [ "$good$bad" = 00 ]; then
    bad=1
    echo "FAIL $CASE: said nothing"
  fi
  [ "$bad" = 0 ] || { echo "    the end of the broker's log:"; tail -n 5 "$dir/broker/log" | cut -c1-200 | sed 's/^/    /'; }
  passed=$((passed + good)) failed=$((failed + bad))
  rm -rf "$CASE_DIR"
}

if ! begin_broker 2>"$dir/err"; then
  sed 's/^/    /' "$dir/err"
  echo "FAIL the broker did not start"
  echo "0 passed, 1 failed"
  exit 1
fi
[ $# != 0 ] || set -- "$here"/cases/*.sh
for file in "$@"; do
  "$KAFKA_BROKER" wait "$dir/broker" 2>/dev/null || "$KAFKA_BROKER" restart "$dir/broker" || { failed=$((failed + 1)); break; }
  run_case "$(realpath "$file")"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
