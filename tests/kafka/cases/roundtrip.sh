#!/bin/bash
# roundtrip.sh -- values of every type, keys, headers, times and positions, through 12 partitions and back.
set -u
. "$(dirname "$0")/../cases.sh"
types='type All {
  b bool, i int, f float, d decimal(4), s string, t timestamp, du duration, e enum { red, green }, j json,
  l list<int>, m map<string, int>, r { x int, y string }, n int?
}'
"$KTOOL" create "$CASE-all" 12

cat >give.weir <<END
$types
source rows: All { from file("in.jsonl")  format json }
sink rows { to kafka("$CASE-all", brokers: env("KAFKA_PLAIN"), compression: "lz4")  format json  key i }
END
cat >take.weir <<END
$types
source rows: All { from kafka("$CASE-all", brokers: env("KAFKA_PLAIN"))  format json }
sink rows { to file("out.jsonl")  format json }
END
for i in $(seq 500); do
  echo '{"b":true,"i":'"$i"',"f":1.5e-7,"d":123456789.1234,"s":"zürich \"\\\n\u0000 \ud83d\ude00","t":"2026-01-31T10:00:00.123456Z","du":"1h30m","e":"green","j":{"a":[1,null]},"l":[1,-2,9223372036854775807],"m":{"k":1},"r":{"x":-1,"y":""},"n":null}'
done >in.jsonl
cat >same.weir <<END
$types
source rows: All { from file("in.jsonl")  format json }
sink rows { to file("same.jsonl")  format json }
END
"$WEIR" run same.weir 2>same.log || fail "the rows by file" same.log
check "500 rows of every type go in" "$WEIR" run give.weir
begin take take.weir
until_true 60 lines 500 out.jsonl || fail "500 rows come out" take.log
finish take
if cmp -s <(sort out.jsonl) <(sort same.jsonl); then ok "and come out as they went in"
else fail "and come out as they went in" <(diff <(sort out.jsonl) <(sort same.jsonl)); fi
"$KTOOL" consume -F pk "$CASE-all" >keys
if [ "$(cut -f1 keys | sort -u | wc -l)" = 12 ] && [ "$(cut -f2 keys | sort -n | uniq | wc -l)" = 500 ]; then
  ok "their keys reach every partition"
else fail "their keys reach every partition" keys; fi

# ---- what stands beside the value ----
"$KTOOL" create "$CASE-meta" 3
printf '%s\n' '0	1700000000123	k1	trace=abc;empty=	{"id":1}' '1	1700000000456	\N	trace	{"id":2}' \
  '2	1700000000789			{"id":3}' '2	1700000001000	k	x=1;x=2	\N' |
  "$KTOOL" produce -F ptkhv "$CASE-meta"
cat >meta.weir <<END
source rows: { id int } { from kafka("$CASE-meta", brokers: env("KAFKA_PLAIN"))  format json  time meta.time  bad to bad }
stream seen = rows | where id > 0 | select { id, p: meta.partition, o: meta.offset, t: meta.time, k: meta.key,
                            trace: meta.header("trace"), empty: meta.header("empty"), source: meta.source }
sink seen { to file("meta.jsonl")  format json }
sink bad { to file("bad.jsonl")  format json }
END
begin meta meta.weir
until_true 60 lines 3 meta.jsonl && until_true 20 lines 1 bad.jsonl
finish meta
cat >want <<END
{"id":1,"p":0,"o":0,"t":"2023-11-14T22:13:20.123Z","k":"k1","trace":"abc","empty":"","source":"rows"}
{"id":2,"p":1,"o":0,"t":"2023-11-14T22:13:20.456Z","k":null,"trace":null,"empty":null,"source":"rows"}
{"id":3,"p":2,"o":0,"t":"2023-11-14T22:13:20.789Z","k":"","trace":null,"empty":null,"source":"rows"}
END
if cmp -s <(sort meta.jsonl) want; then ok "meta.time, key, header, partition, offset"
else fail "meta.time, key, header, partition, offset" <(diff <(sort meta.jsonl) want; cat meta.log); fi
check "a record without a value is a bad row" grep -q '"topic":"'"$CASE"'-meta","partition":2,"offset":1' bad.jsonl

# ---- a sink's key, partition and time ----
"$KTOOL" create "$CASE-key" 4
cat >key.weir <<END
source rows: { user string?, n int, at timestamp } { from file("-")  format json  time at }
sink rows { to kafka("$CASE-key", brokers: env("KAFKA_PLAIN"))  format json  partition by user, n }
END
printf '%s\n' '{"user":"ann","n":1,"at":"2026-01-01T00:00:00.5Z"}' '{"user":null,"n":2,"at":"2026-01-01T00:00:01Z"}' |
  "$WEIR" run key.weir 2>key.log
"$KTOOL" consume -F tkv "$CASE-key" | sort >got
printf '%s\n' '1767225600500	ann,1	{"user":"ann","n":1,"at":"2026-01-01T00:00:00.5Z"}' \
  '1767225601000	null,2	{"user":null,"n":2,"at":"2026-01-01T00:00:01Z"}' >want
if cmp -s got want; then ok "a sink's records have key and event time"; else fail "a sink's records have key and event time" <(diff got want; cat key.log); fi

# ---- a time that is ahead ----
"$KTOOL" create "$CASE-ahead" 1
printf '%s\n' '1700000000000	{"id":1,"at":"2023-11-14T22:14:00Z"}' '1700000000000	{"id":2,"at":"2099-01-01T00:00:00Z"}' |
  "$KTOOL" produce -F tv "$CASE-ahead"
cat >ahead.weir <<END
source rows: { id int, at timestamp } { from kafka("$CASE-ahead", brokers: env("KAFKA_PLAIN"))  format json  time at  bad to bad }
sink rows { to file("ahead.jsonl")  format json }
sink bad { to file("ahead.bad")  format json }
END
begin ahead ahead.weir
until_true 60 lines 1 ahead.bad
finish ahead
check "a row whose time is far ahead of its record's is bad" grep -q 'too far in the future.*"offset":1' ahead.bad
check "the others are not" [ "$(cat ahead.jsonl)" = '{"id":1,"at":"2023-11-14T22:14:00Z"}' ]
