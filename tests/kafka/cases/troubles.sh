#!/bin/bash
# troubles.sh -- what can be wrong outside: topics, addresses, credentials, records that the topic does not
# take, a broker that dies and comes back. TLS and SCRAM that work, and secrets that show nowhere.
set -u
. "$(dirname "$0")/../cases.sh"
program() {                               # OPTIONS: a source of t.weir
  echo "source rows: { id int } { from kafka($1)  format json } sink rows { to file(\"t.jsonl\")  format json }" >t.weir
}
export CANARY=wrong-canary-5c1f
"$KTOOL" create "$CASE-t" 2

# ---- at the start ----
program "\"$CASE-none\", brokers: env(\"KAFKA_PLAIN\")"
refused "a source's topic that is not there" 78 "no such topic"
echo "source rows: { id int } { from generate(count: 1) } sink rows { to kafka(\"$CASE-none\", brokers: env(\"KAFKA_PLAIN\"))  format json }" >t.weir
refused "a sink's topic that is not there" 78 "sink rows: the brokers have no such topic"
program "\"$CASE-t\", brokers: \"127.0.0.1:1\""
refused "nobody listens" 74 "none of the brokers answers.*refused"
secure='brokers: env("KAFKA_SASL_SSL"), ca: env("KAFKA_CA"), user: "app"'
program "\"$CASE-t\", $secure, password: secret(\"env:CANARY\")"
refused "a wrong password" 78 "refuse the credentials"
program "\"$CASE-t\", $secure, mechanism: \"plain\", password: secret(\"env:CANARY\")"
refused "a wrong password, plain" 78 "refuse the credentials"
program "\"$CASE-t\", brokers: env(\"KAFKA_SSL\"), ca: env(\"KAFKA_OTHER_CA\")"
refused "brokers signed by somebody else" 78 "no TLS with the brokers.*certificate verify failed"
program "\"$CASE-t\", brokers: env(\"KAFKA_MTLS\"), ca: env(\"KAFKA_CA\")"
refused "a certificate is missing" 78 "no TLS with the brokers.*certificate"
program "\"$CASE-t\", $secure, password: secret(\"env:NOT_SET\")"
refused "a secret that is not set" 78 "the secret env:NOT_SET is not set"
install -m 644 "$KAFKA_PASSWORD_FILE" open.password
program "\"$CASE-t\", $secure, password: secret(\"file:open.password\")"
refused "a secret that others can read" 78 "can be read by others"

# ---- what works, and where the password is not ----
install -m 600 "$KAFKA_PASSWORD_FILE" app.password
password=$(cat app.password)
KAFKA_PASSWORD=$password
export KAFKA_PASSWORD
there_and_back() {                        # NAME OPTIONS
  "$KTOOL" create "$CASE-$1" 3
  echo "source rows: { id int } { from generate(count: 1000, fields: { id: sequence(1) }) }
sink rows { to kafka(\"$CASE-$1\", $2)  format json }" >give.weir
  echo "source rows: { id int } { from kafka(\"$CASE-$1\", $2)  format json }
sink rows { to file(\"$1.jsonl\")  format json }" >take.weir
  "$WEIR" run give.weir >give.log 2>&1 || fail "$1: writes" give.log
  begin take take.weir
  if until_true 60 lines 1000 "$1.jsonl"; then ok "$1: 1000 records there and back"; else fail "$1: 1000 records there and back" take.log; fi
  finish take
}
there_and_back tls 'brokers: env("KAFKA_SSL"), ca: env("KAFKA_CA")'
install -m 600 "$KAFKA_CLIENT_KEY" client.key
there_and_back mtls 'brokers: env("KAFKA_MTLS"), ca: env("KAFKA_CA"), certificate: env("KAFKA_CLIENT_CERT"), key: secret("file:client.key")'
there_and_back plain "$secure, mechanism: \"plain\", password: secret(\"env:KAFKA_PASSWORD\")"
there_and_back scram "$secure, password: secret(\"file:app.password\")"
"$WEIR" build take.weir -o take >build.log 2>&1 || fail "builds" build.log
"$WEIR" run --dump c take.weir >dump.c 2>&1; "$WEIR" explain take.weir >explain.txt 2>&1
if grep -lF -e "$password" -e "$CANARY" take give.log take.log t.log build.log dump.c explain.txt; then fail "a password shows"
else ok "no password in C, binary, plan or messages"; fi
ldd take >ldd.txt 2>&1
if grep -q rdkafka ldd.txt; then fail "a built program needs librdkafka only when it is used" ldd.txt
else ok "a built program needs librdkafka only when it is used"; fi

# ---- a record that is too large ----
"$KTOOL" create "$CASE-small" 1 max.message.bytes=2000
"$KTOOL" create "$CASE-errors" 1
cat >large.weir <<END
source rows: { id int, s string } { from file("large.jsonl")  format json }
errors to wrong
sink rows { to kafka("$CASE-small", brokers: env("KAFKA_PLAIN"))  format json }
sink wrong { to kafka("$CASE-errors", brokers: env("KAFKA_PLAIN"))  format json }
END
long=$(head -c 3000 /dev/zero | tr '\0' x)
for i in $(seq 100); do
  if [ "$i" = 50 ]; then echo "{\"id\":$i,\"s\":\"$long\"}"; else echo "{\"id\":$i,\"s\":\"short\"}"; fi
done >large.jsonl
"$WEIR" run large.weir 2>large.log || fail "a record that is too large does not end the run" large.log
"$KTOOL" consume -F v "$CASE-small" >small.out 2>/dev/null
"$KTOOL" consume -F v "$CASE-errors" >errors.out 2>/dev/null
check "the other 99 are written" [ "$(wc -l <small.out)" = 99 ]
if [ "$(wc -l <errors.out)" = 1 ] && says '"kind":"deliver".*sink rows: 30[0-9]* bytes: more than' errors.out; then
  ok "the large one is a bad row that says why"
else fail "the large one is a bad row that says why" errors.out; fi

# ---- the broker dies in the middle, and comes back ----
"$KTOOL" create "$CASE-in" 4
"$KTOOL" create "$CASE-out" 4
cat >copy.weir <<END
source rows: { id int } { from kafka("$CASE-in", brokers: env("KAFKA_PLAIN"), group: "$CASE")  format json  bad to bad }
sink rows { to kafka("$CASE-out", brokers: env("KAFKA_PLAIN"))  format json }
sink bad { to file("bad.jsonl")  format json }
END
feed() { seq "$1" "$2" | awk '{ printf "{\"id\":%d}\n", $1 }' | "$KTOOL" -T 60 produce -F v "$CASE-in" 2>produce.log; }
feed 1 20000
begin copy copy.weir
copied() { [ "$("$KTOOL" offsets "$CASE-out" 2>/dev/null | awk '{ n += $3 } END { print n + 0 }')" -ge "$1" ]; }
until_true 60 copied 1000
"$KAFKA_BROKER" kill "$KAFKA_DIR"
if until_true 30 says 'none of the brokers' copy.log; then ok "a broker that went away is said"; else fail "a broker that went away is said" copy.log; fi
sleep 3
"$KAFKA_BROKER" start "$KAFKA_DIR" 2>restart.log || fail "the broker starts again" restart.log
feed 20001 30000
whole() { "$KTOOL" consume -F v "$CASE-out" 2>/dev/null | sed 's/[^0-9]//g' | sort -n | uniq | cmp -s - <(seq 30000); }
if until_true 90 whole; then ok "killed and restarted: nothing is missing"; else fail "killed and restarted: nothing is missing" copy.log; fi
if until_true 20 says 'answer again' copy.log; then ok "and that it is back, too"; else fail "and that it is back, too" copy.log; fi
finish copy
check "no row was bad" [ ! -s bad.jsonl ]
check "each was said once" [ "$(grep -c 'warning: source rows' copy.log)" = 2 ]
