#!/bin/bash
# selftest.sh -- that the broker of the tests is one to rely on: each listener carries 10,000 records there
# and back, wrong credentials are refused, what was acknowledged outlives SIGKILL, nothing is left running.
set -u
. "$(dirname "$0")/setup.sh"
count=10000
passed=0 failed=0

ok() { echo "ok $1"; passed=$((passed + 1)); }
fail() {                                  # NAME [FILE with what happened]
  echo "FAIL $1"
  [ -z "${2:-}" ] || head -n 20 "$2" | sed 's/^/    /'
  failed=$((failed + 1))
}
check() {                                 # NAME COMMAND...: it succeeds
  local name=$1
  shift
  if "$@" >"$dir/out" 2>&1; then ok "$name"; else fail "$name" "$dir/out"; fi
}
refused() {                               # NAME PATTERN COMMAND...: it fails and says so
  local name=$1 pattern=$2
  shift 2
  if "$@" >"$dir/out" 2>&1; then fail "$name (succeeded)"
  elif grep -qiE -- "$pattern" "$dir/out"; then ok "$name"
  else fail "$name: no match for $pattern" "$dir/out"
  fi
}
alive() { grep -q '^State:[[:space:]]*[^Z[:space:]]' "/proc/$1/status" 2>/dev/null; }   # a zombie is not
gone() {                                  # a process that was killed takes a moment to give its memory back
  local i
  for i in $(seq 200); do alive "$1" || return 0; sleep 0.05; done
  return 1
}
finish() {
  echo "$passed passed, $failed failed"
  [ $failed = 0 ]
  exit
}
# ---- every listener ----

round_trip() {                            # LISTENER: DIR/LISTENER.conf
  local conf=$dir/broker/$1.conf topic=rows-$1
  check "$1: creates a topic of 12 partitions" "$KTOOL" -f "$conf" create "$topic" 12
  seq $count | awk '{ print $1 % 100 "\t" $1 }' >"$dir/sent"
  check "$1: takes $count records" "$KTOOL" -f "$conf" produce -F kv "$topic" <"$dir/sent"
  "$KTOOL" -f "$conf" consume -F pkv "$topic" >"$dir/got" 2>"$dir/err" || fail "$1: consume" "$dir/err"
  if cut -f2- "$dir/got" | sort | cmp -s - <(sort "$dir/sent"); then ok "$1: gives all of them back, each once"
  else fail "$1: $(wc -l <"$dir/got") records came back of $count"; fi
  # the 100 keys reach every partition, each key one of them, in the order of sending
  if [ "$(cut -f1 "$dir/got" | sort -u | wc -l)" = 12 ] && [ "$(cut -f1,2 "$dir/got" | sort -u | wc -l)" = 100 ] &&
    sort -s -n -k2,2 "$dir/got" | cut -f2- | cmp -s - <(sort -s -n -k1,1 "$dir/sent"); then ok "$1: keys keep partition and order"
  else fail "$1: keys keep partition and order"; fi
}

begin_broker 2>"$dir/err" && ok "starts and answers" || { fail "starts and answers" "$dir/err"; finish; }
for listener in text ssl mtls scram plain; do round_trip $listener; done

# ---- what must not work ----

tls() { refused "$1" "$2" "$KTOOL" -T 5 -f "$dir/broker/$3.conf" -X "$4" list; }
tls "ssl: a server of another authority" "certificate verify failed" ssl "ssl.ca.location=$KAFKA_OTHER_CA"
tls "mtls: a client without certificate" "alert|closed|disconnect" ssl "bootstrap.servers=$KAFKA_MTLS"
tls "scram: a wrong password" "invalid credentials" scram sasl.password=wrong
tls "plain: a wrong password" "invalid username or password" plain sasl.password=wrong
tls "scram: an unknown user" "invalid credentials" scram sasl.username=nobody
refused "a topic that is not there is not made" "unknown topic" "$KTOOL" -T 10 produce missing </dev/null
refused "nobody listens" "refused" "$KTOOL" -T 3 -b 127.0.0.1:1 list

# ---- SIGKILL in the middle of writing ----

"$KTOOL" create killed 12 || fail "creates a topic"
feed() {                                  # half of it slowly, the rest once the broker is back
  local i
  for i in $(seq 0 19); do seq $((i * 250 + 1)) $((i * 250 + 250)); sleep 0.05; done
  for i in $(seq 600); do [ -e "$dir/back" ] && break; sleep 0.1; done
  seq 5001 $count
}
written() { "$KTOOL" offsets killed 2>/dev/null | awk '{ n += $3 } END { print n + 0 }'; }
feed | "$KTOOL" -T 120 -X acks=all -X enable.idempotence=true -X linger.ms=1 produce killed >"$dir/out" 2>&1 &
producer=$!
for i in $(seq 600); do [ "$(written)" -ge 500 ] && break; sleep 0.05; done
before=$(cat "$dir/broker/pid")
check "kill -9 after $(written) records" "$KAFKA_BROKER" kill "$dir/broker"
check "its process is gone" gone "$before"
check "starts again on what was there" "$KAFKA_BROKER" start "$dir/broker"
touch "$dir/back"
if wait $producer; then ok "the producer got every acknowledgement: $(tail -n 1 "$dir/out")"
else fail "the producer got every acknowledgement" "$dir/out"; fi
"$KTOOL" consume -F v killed 2>"$dir/err" | sort -n >"$dir/got"
[ -s "$dir/err" ] && fail "consume" "$dir/err"
if cmp -s "$dir/got" <(seq $count); then ok "nothing that was acknowledged is lost, nothing is there twice"
else fail "$(comm -13 <(sort "$dir/got") <(seq $count | sort) | wc -l) records lost, $(uniq -d "$dir/got" | wc -l) twice"; fi
check "users outlive it" "$KTOOL" -f "$dir/broker/scram.conf" list

# ---- nothing is left ----

last=$(cat "$dir/broker/pid")
check "stops" "$KAFKA_BROKER" stop "$dir/broker"
check "no process is left" gone "$last"
refused "stopped: kill says so" "no broker runs" "$KAFKA_BROKER" kill "$dir/broker"
sleep 300 &
owner=$!
check "starts after a stop" env KAFKA_OWNER=$owner "$KAFKA_BROKER" restart "$dir/broker"
refused "a second start says so" "runs in .* already" "$KAFKA_BROKER" start "$dir/broker"
check "with the records of before" cmp <("$KTOOL" consume -F v killed | sort -n) "$dir/got"
last=$(cat "$dir/broker/pid")
{ kill -KILL $owner; wait $owner; } 2>/dev/null
for i in $(seq 200); do gone "$last" && break; sleep 0.1; done
check "ends with its owner" gone "$last"
finish
