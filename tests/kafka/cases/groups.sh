#!/bin/bash
# groups.sh -- copies of a program in one group: without state they share the partitions, with state the
# second one is sent away and the first goes on. Where reading begins, and where it begins again.
set -u
. "$(dirname "$0")/../cases.sh"
feed() { seq "$1" "$2" | awk '{ printf "%d\t{\"id\":%d}\n", $1 % 100, $1 }' | "$KTOOL" produce -F kv "$3" 2>produce.log; }
ids() { cat "$@" 2>/dev/null | sed 's/[^0-9,]//g' | sort -n; }

# ---- sharing ----
"$KTOOL" create "$CASE-shared" 12
cat >share.weir <<END
source rows: { id int } { from kafka("$CASE-shared", brokers: env("KAFKA_PLAIN"), group: "$CASE-share")  format json }
stream seen = rows | select { id, p: meta.partition }
sink seen { to file(env("OUT"), append: true)  format json }
END
OUT=one.jsonl begin one share.weir
feed 1 1000 "$CASE-shared"
until_true 60 lines 1000 one.jsonl || fail "one copy reads all" one.log
OUT=two.jsonl begin two share.weir
members() { "$KTOOL" groups | awk -v g="$CASE-share" -v n="$1" '$1 == g && $2 == "Stable" && $3 == n { found = 1 } END { exit !found }'; }
until_true 60 members 2 || fail "two copies are in the group" two.log
sleep 1
feed 1001 3000 "$CASE-shared"
both() { [ "$(cat one.jsonl two.jsonl | wc -l)" -ge 3000 ]; }
until_true 60 both
finish one; finish two
if cmp -s <(sed 's/.*"id":\([0-9]*\).*/\1/' one.jsonl two.jsonl | sort -n) <(seq 3000); then ok "two copies read every record once"
else fail "two copies read every record once" <(wc -l one.jsonl two.jsonl; tail -n 5 one.log two.log); fi
parts() { sed -n "$2"'s/.*"p":\([0-9]*\).*/\1/p' "$1" | sort -un; }
if [ "$(parts one.jsonl '1001,$' | wc -l)" = 6 ] && [ "$(parts two.jsonl '1,$' | wc -l)" = 6 ]; then ok "each of them six partitions"
else fail "each of them six partitions" <(parts one.jsonl '1001,$'; echo -; parts two.jsonl '1,$'); fi
committed() { "$KTOOL" committed "$CASE-share" | awk '{ n += $3 } END { exit n != 3000 }'; }
check "and both commit" until_true 10 committed

# ---- a program that keeps state ----
"$KTOOL" create "$CASE-kept" 12
cat >keep.weir <<END
source rows: { id int } { from kafka("$CASE-kept", brokers: env("KAFKA_PLAIN"), group: "$CASE-keep")  format json  time meta.time }
stream counts = rows | group by k: id % 10 over tumbling 1h { k, n: count() }
sink counts { to file(env("OUT"))  format json }
END
OUT=counts.jsonl begin first keep.weir
feed 1 500 "$CASE-kept"
kmembers() { "$KTOOL" groups | awk -v g="$CASE-keep" '$1 == g && $2 == "Stable" && $3 == 1 { found = 1 } END { exit !found }'; }
until_true 60 kmembers
OUT=none.jsonl timeout -k 5 60 "$WEIR" run keep.weir >second.out 2>second.log </dev/null
code=$?
if [ $code = 78 ] && says 'another copy of the group' second.log; then ok "a second copy that would share state is refused"
else fail "a second copy that would share state is refused: $code" second.log; fi
until_true 30 kmembers
feed 501 1000 "$CASE-kept"
sleep 3
kill -0 "$pid_first" 2>/dev/null && ok "the first goes on" || fail "the first goes on" first.log
finish first
total=$(sed 's/.*"n":\([0-9]*\).*/\1/' counts.jsonl | awk '{ n += $1 } END { print n }')
if [ "$total" = 1000 ]; then ok "and has counted every record once"; else fail "and has counted every record once: $total" first.log; fi

# ---- where reading begins ----
"$KTOOL" create "$CASE-begin" 2
printf '%s\n' '0	1700000000000	{"id":1}' '1	1700000001000	{"id":2}' '0	1700000002000	{"id":3}' |
  "$KTOOL" produce -F ptv "$CASE-begin" 2>/dev/null
reads() {                                 # NAME OPTION WANT
  echo "source rows: { id int } { from kafka(\"$CASE-begin\", brokers: env(\"KAFKA_PLAIN\"), group: \"$CASE-$1\", $2)  format json }
sink rows { to file(\"$1.jsonl\")  format json }" >"$1.weir"
  begin "$1" "$1.weir"
  "${4:-true}" "$1"
  until_true 60 lines "$(echo $3 | wc -w)" "$1.jsonl"
  sleep 0.5
  finish "$1"
  if [ "$(ids "$1.jsonl" | tr '\n' ' ')" = "$3 " ]; then ok "$2"; else fail "$2" <(cat "$1.jsonl" "$1.log"); fi
}
joined() { until_true 30 sh -c "'$KTOOL' groups | grep -q '^$CASE-$1.Stable'"; sleep 1; printf '0\t{"id":4}\n' | "$KTOOL" produce -F pv "$CASE-begin" 2>/dev/null; }
reads early 'start: "earliest"' "1 2 3"
reads time 'start_at: @2023-11-14T22:13:21Z' "2 3"
reads late 'start: "latest"' "4" joined

# ---- kill -9, and again: nothing is missing ----
"$KTOOL" create "$CASE-killed" 4
cat >copy.weir <<END
source rows: { id int } { from kafka("$CASE-killed", brokers: env("KAFKA_PLAIN"), group: "$CASE-copy")  format json }
sink rows { to kafka("$CASE-copied", brokers: env("KAFKA_PLAIN"))  format json }
END
"$KTOOL" create "$CASE-copied" 4
for i in $(seq 0 59); do feed $((i * 500 + 1)) $((i * 500 + 500)) "$CASE-killed"; sleep 0.1; done &
feeder=$!
for i in 1 2 3; do
  begin copy copy.weir
  sleep $((i + 1)).$((RANDOM % 10))
  kill -KILL "$pid_copy"; wait "$pid_copy" 2>/dev/null
done
wait $feeder
begin copy copy.weir
copied() { "$KTOOL" consume -F v "$CASE-copied" 2>/dev/null | sed 's/[^0-9]//g' | sort -n | uniq | cmp -s - <(seq 30000); }
if until_true 60 copied; then ok "killed three times, every record is there"; else fail "killed three times, every record is there" copy.log; fi
finish copy
echo "# $("$KTOOL" consume -F v "$CASE-copied" 2>/dev/null | wc -l) records for 30000"
