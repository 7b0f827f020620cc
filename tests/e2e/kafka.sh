#!/bin/bash
# kafka.sh -- Kafka without a Kafka: programs on the broker inside the process, and what is refused before
# any broker is asked. What only a real one can show is in tests/kafka.
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C TZ=UTC
WEIR=${WEIR:-$PWD/build/weir}
dir=$(mktemp -d)
pid=
trap 'kill -KILL $pid 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir" || exit 1
passed=0 failed=0

ok() { echo "ok $1"; passed=$((passed + 1)); }
fail() {                                  # NAME [FILE with what happened]
  echo "FAIL $1"
  [ -z "${2:-}" ] || tail -n 20 "$2" | sed 's/^/    /'
  failed=$((failed + 1))
}
check() {                                 # NAME COMMAND...
  local name=$1
  shift
  if "$@" >out 2>&1; then ok "$name"; else fail "$name" out; fi
}
# runs NAME LINES FILE COMMAND...: until the file has so many lines, then Ctrl-C; the program ends with 0
runs() {
  local name=$1 lines=$2 file=$3 end=$((SECONDS + 60)) code
  shift 3
  "$@" >run.out 2>run.log </dev/null &
  pid=$!
  until [ "$(cat "$file" 2>/dev/null | wc -l)" -ge "$lines" ] || [ $SECONDS -ge $end ] || ! kill -0 $pid 2>/dev/null; do
    sleep 0.1
  done
  kill -INT $pid 2>/dev/null
  wait $pid
  code=$?
  pid=
  if [ $code = 0 ] && [ "$(cat "$file" | wc -l)" = "$lines" ]; then ok "$name"
  else fail "$name: exit $code, $(cat "$file" | wc -l) of $lines lines" run.log; fi
}
# refused NAME EXIT TEXT: t.weir
refused() {
  timeout -k 5 60 "$WEIR" run t.weir >out 2>&1 </dev/null
  code=$?
  if [ $code = "$2" ] && grep -qE -- "$3" out; then ok "$1"; else fail "$1: exit $code" out; fi
}

# ---- one program that writes a topic and reads it back ----

cat >loop.weir <<'END'
type Event { id int, user string, amount decimal(2), at timestamp }
source made: Event { from generate(count: 5000, fields: { id: sequence(1), user: choice(["ann", "bob", "eve"]), at: time() })  time at }
source back: Event { from kafka("events", brokers: "embedded")  format json  time at }
sink made as given { to kafka("events", brokers: "embedded", compression: "gzip")  format json  partition by user }
stream seen = back | where id > 0 | extend { key: meta.key, p: meta.partition, o: meta.offset, t: meta.time, h: meta.header("x") }
sink seen { to file("seen.jsonl")  format json }
END
runs "5000 records through the embedded broker" 5000 seen.jsonl "$WEIR" run loop.weir
check "each once" [ "$(sed 's/.*"id":\([0-9]*\).*/\1/' seen.jsonl | sort -un | wc -l)" = 5000 ]
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' seen.jsonl; }
check "the key of a record is what partition by says" cmp <(field user) <(field key)
check "its time is the row's" cmp <(field at) <(field t)
check "no header" [ "$(grep -c '"h":null' seen.jsonl)" = 5000 ]
order() {                                 # within a partition: by offset, from 0, without a gap
  sed 's/.*"p":\([0-9]*\),"o":\([0-9]*\).*/\1 \2/' seen.jsonl | awk '{ if ($2 != n[$1]++) exit 1 }'
}
check "a partition's records in their order" order
for batch in 1 7; do
  rm seen.jsonl
  runs "batches of $batch rows: the same" 5000 seen.jsonl "$WEIR" run --batch $batch loop.weir
done
check "builds" "$WEIR" build loop.weir -o loop
rm seen.jsonl
runs "built: the same" 5000 seen.jsonl ./loop
ldd ./loop >ldd.txt 2>&1
if grep -q rdkafka ldd.txt; then fail "a built program asks for librdkafka when it uses it" ldd.txt
else ok "a built program asks for librdkafka when it uses it"; fi

# ---- windows close while the topic is quiet; columns beside the row go through groups and late streams ----

cat >late.weir <<'END'
type Event { id int, at timestamp }
source made: Event { from file("in.jsonl")  format json }
sink made { to kafka("late", brokers: "embedded")  format json }
source back: Event { from kafka("late", brokers: "embedded")  format json  time at delay 1s idle 300ms ahead 36500d  late to missed }
stream counts = back | extend { k: meta.key, t: meta.time } | group by k over tumbling 10s { k, n: count(), t: max(t) }
sink counts { to file("counts.jsonl")  format json }
stream behind = missed | select { id, p: meta.partition, at }
sink behind { to file("behind.jsonl")  format json }
END
printf '{"id":%d,"at":"2026-01-01T00:00:%sZ"}\n' 1 01 2 59 3 02 4 58 >in.jsonl
"$WEIR" check late.weir >out 2>&1 && ok "late rows and meta columns check" || fail "late rows and meta columns check" out
cat >one.weir <<'END'
type Event { id int, at timestamp }
source made: Event { from file("in.jsonl")  format json  time at }
sink made { to kafka("late", brokers: "embedded")  format json  key id }
source back: Event { from kafka("late", brokers: "embedded")  format json  time at delay 1s idle 300ms }
stream counts = back | extend { k: meta.key } | group by k over tumbling 10s { k, n: count() }
sink counts { to file("counts.jsonl")  format json }
END
runs "windows close on a quiet topic" 4 counts.jsonl "$WEIR" run one.weir
check "with a column that came beside the row" grep -qx '{"k":"2","n":1}' counts.jsonl

# ---- records that a record's sink does not take ----

long=$(head -c 1100000 /dev/zero | tr '\0' x)
printf '{"s":"%s"}\n' a "$long" b >big.jsonl
cat >big.weir <<'END'
source rows: { s string } { from file("big.jsonl", max_record: 2MB)  format json }
errors to wrong
sink rows { to kafka("big", brokers: "embedded")  format json }
stream short = wrong | select { kind, source, at }
sink short { to file("wrong.jsonl")  format json }
END
check "a record that is too large" "$WEIR" run big.weir
check "is a bad row" grep -q '^{"kind":"deliver","source":"rows","at":"sink rows: 11000[0-9]* bytes: more than message.max.bytes"}$' wrong.jsonl
sed -i 's/errors to wrong//; /short/d' big.weir
"$WEIR" run big.weir >big.log 2>&1
check "or counted" grep -q 'could not be delivered' big.log

# ---- what the embedded broker forgets is said ----

pad=$(head -c 600 /dev/zero | tr '\0' x)
cat >lost.weir <<END
source made: { id int, s string } { from generate(count: 60000, fields: { id: sequence(1), s: constant("$pad") }) }
sink made { to kafka("lost", brokers: "embedded")  format json }
source back: { id int } { from kafka("lost", brokers: "embedded", options: { "queued.max.messages.kbytes": 3000 })  format json }
sink back { to file("back.jsonl")  format json }
END
touch back.jsonl
"$WEIR" run lost.weir >lost.log 2>&1 </dev/null &
pid=$!
told() { sed -n 's/.*records \([0-9]*\) to \([0-9]*\) of .* are lost.*/\1 \2/p' lost.log | awk '{ n += $2 - $1 + 1 } END { print n + 0 }'; }
end=$((SECONDS + 60))
until [ $(($(wc -l <back.jsonl) + $(told))) -ge 60000 ] || [ $SECONDS -ge $end ]; do sleep 0.2; done
kill -INT $pid; wait $pid; code=$?; pid=
told=$(told)
if [ $code = 0 ] && [ "$(( $(wc -l <back.jsonl) + told ))" = 60000 ] && [ "$told" -gt 0 ]; then ok "records that the broker deleted are counted and said"
else fail "records that the broker deleted are counted and said: $(wc -l <back.jsonl) read, $told lost" lost.log; fi

# ---- with --state it would promise what it cannot keep ----

no_state() {                              # NAME
  timeout -k 5 60 "$WEIR" run t.weir --state state >out 2>&1 </dev/null
  code=$?
  if [ $code = 78 ] && grep -q "$2: the embedded broker ends with the process" out && grep -q 'leave out --state' out; then ok "$1"
  else fail "$1: exit $code" out; fi
}
echo 'source rows: { id int } { from kafka("kept", brokers: "embedded")  format json } sink rows { to blackhole }' >t.weir
no_state "a source on the embedded broker is refused with --state" "source rows"
echo 'source rows: { id int } { from generate(count: 1) } sink rows { to kafka("kept", brokers: "embedded")  format json }' >t.weir
no_state "and so is a sink" "sink rows"

# ---- before any broker is asked ----

source() { echo "source rows: { id int } { from kafka($1)  format json } sink rows { to blackhole }" >t.weir; }
source '"a topic", brokers: "embedded"'
refused "the name of a topic" 78 'cannot be the name of a topic'
source '"t", brokers: "embedded", options: { "sasl.kerberos.kinit.cmd": "id" }'
refused "a setting that runs a command" 65 'has no option `sasl.kerberos.kinit.cmd`'
source '"t", brokers: "embedded", options: { "plugin.library.paths": "x" }'
refused "a setting that loads a library" 65 'has no option `plugin.library.paths`'
source '"t", brokers: "embedded", options: { "linger.ms": 5 }'
refused "a sink's setting" 65 'only as a sink'
source '"t", brokers: "k:9092", user: "app", password: "hunter2"'
refused "a password that is written" 65 'E0515.*is a secret'
source '"t", brokers: "k:9092", user: "app", password: env("PASSWORD")'
refused "a password from env()" 65 'E0515.*is a secret'
source '"t", brokers: "k:9092", user: secret("env:USER"), password: secret("env:PASSWORD")'
refused "a secret elsewhere" 65 'E0515.*nowhere else'
source '"t", brokers: "k:9092", user: "app", password: secret("PASSWORD")'
refused "a secret without a place" 65 'E0515'
source '"t", brokers: "k:9092", user: "app"'
refused "a user without a password" 78 'half of the credentials'
export PASSWORD=hunter2
source '"t", brokers: "k:9092", user: "app", mechanism: "plain", password: secret("env:PASSWORD")'
refused "a password that the net would show" 78 'tls: true'
mkdir broken
echo >broken/librdkafka.so.1
source '"t", brokers: "embedded"'
LD_LIBRARY_PATH=$dir/broken refused "without librdkafka" 78 'apt-get install librdkafka1'
echo "$passed passed, $failed failed"
[ $failed = 0 ]
