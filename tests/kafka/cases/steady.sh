#!/bin/bash
# steady.sh -- what a program with --state bears while it runs: a second copy, a broker that is away for twenty
# seconds, parameters that change, people who look; and what it says when its sink's topic is deleted.
set -u
. "$(dirname "$0")/../cases.sh"
. "$(dirname "$0")/../payments.sh"
payments_program >p.weir
export IN=$CASE-in OUT=$CASE-out GROUP=$CASE
topic "$IN" 12; topic "$OUT" 3; topic "$OUT-spend" 3
fed=0
feed() { payments $((fed + 1)) "$1" 12 | "$KTOOL" -T 100 produce -F ptkv "$IN" 2>produce.log; fed=$1; }
committed() { "$KTOOL" committed "$GROUP" | awk -v all="$1" '{ n += $3 } END { exit n != all }'; }
alerts() { "$KTOOL" consume -F htkv "$OUT" 2>/dev/null | sort; }

begin one p.weir --state s --checkpoint-every 200ms --metrics 127.0.0.1:0 --control one.sock
feed 2000
check "it reads" until_true 60 committed 2000

# ---- seen from outside ----
port=$(sed -n 's,.*metrics at http://.*:\([0-9]*\)/metrics,\1,p' one.log)
page() { curl -s -m 20 "http://127.0.0.1:$port/metrics" >page; }
page
count() { grep -c "^$1" page; }
check "rows of each partition" [ "$(count weir_partition_rows_total)" = 12 ]
check "and lag, which is none" [ "$(grep '^weir_partition_lag_records' page | awk '$NF == 0' | wc -l)" = 12 ]
bytes=$(payments 1 2000 12 | awk -F'\t' '{ n += length($3) + length($4) } END { print n }')
check "and bytes: keys and records" [ "$(awk '/^weir_partition_bytes_total/ { n += $NF } END { printf "%.0f", n }' page)" = "$bytes" ]
check "ready" [ "$(curl -s -m 20 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/readyz")" = 200 ]

# ---- a parameter ----
low() { alerts | grep -c '"reason":"velocity"'; }
few=$(low)
"$WEIR" set one.sock max_spend=1.00 >set.out 2>&1 || fail "set" set.out
feed 4000
until_true 60 committed 4000
more=$(low)
check "a threshold that is set counts for later rows: $few alerts, then $more" [ "$more" -gt $((few + 50)) ]
"$WEIR" set one.sock max_spend=2500.00 >set.out 2>&1 || fail "set back" set.out

# ---- a second copy ----
GROUP=$CASE OUT=$CASE-out timeout -k 5 60 "$WEIR" run p.weir --state s >second.out 2>second.log </dev/null
code=$?
if [ $code = 78 ] && says 'another run' second.log; then ok "a second copy with the same folder is refused"
else fail "a second copy with the same folder is refused: $code" second.log; fi
late() { curl -s -m 20 "http://127.0.0.1:$port/metrics" | awk '/^weir_source_late_total/ { n += $NF } END { print n + 0 }'; }
was=$(late)
timeout -k 5 60 "$WEIR" run p.weir --state other >second.out 2>second.log </dev/null &
second=$!
for i in $(seq 21 40); do feed $((i * 200)); sleep 0.2; done
wait $second
code=$?
if [ $code = 78 ] && says 'another copy of the group' second.log; then ok "one with a folder of its own, too, by the group"
else fail "one with a folder of its own, too, by the group: $code" second.log; fi
check "the first goes on" until_true 60 committed 8000
check "no row became late by it" [ "$(late)" = "$was" ]
check "nothing was written twice" [ "$(alerts | wc -l)" = "$(alerts | sort -u | wc -l)" ]

# ---- the broker is away for twenty seconds ----
feed 9000
"$KAFKA_BROKER" kill "$KAFKA_DIR"
check "that it is away is said" until_true 40 says 'none of the brokers' one.log
sleep 17
kill -0 "$pid_one" 2>/dev/null && ok "it waits" || fail "it waits" one.log
check "and is alive for those who ask" [ "$(curl -s -m 20 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/healthz")" = 200 ]
"$KAFKA_BROKER" start "$KAFKA_DIR" 2>restart.log || fail "the broker starts again" restart.log
feed 12000
check "it goes on" until_true 90 committed 12000
page
check "no row was bad" [ "$(awk '/^weir_source_bad_total/ { n += $NF } END { print n + 0 }' page)" = 0 ]
finish one
check "and ends well" [ $code = 0 ]
said() { [ "$(grep 'warning' one.log | grep -v 'answer again' | sort | uniq -c | awk '$1 > 1' | wc -l)" = 0 ]; }
check "each alarm was given once" said

# What an undisturbed run writes, but for the rows that were judged by the other threshold.
topic "$CASE-b" 3; topic "$CASE-b-spend" 3
OUT=$CASE-b GROUP=$CASE-b begin b p.weir --state b --checkpoint-every 200ms
GROUP=$CASE-b until_true 60 committed 12000
finish b
spend() { "$KTOOL" consume -F htkv "$1-spend" 2>/dev/null | sort -u; }
spend "$CASE-out" >a.spend; spend "$CASE-b" >b.spend
check "nothing is missing against an undisturbed run" cmp a.spend b.spend
check "and there is something" [ "$(wc -l <a.spend)" -gt 500 ]
profile() { for u in $(seq 0 96); do "$WEIR" state peek "$1" profile user="user$u"; done 2>&1 | sed 's/, checkpoint .*//'; }
profile s >a.users; profile b >b.users
check "the profiles are the same" cmp a.users b.users

# ---- the sink's topic is deleted ----
begin gone p.weir --state s --checkpoint-every 200ms
until_true 30 says 'resumes from' gone.log
"$KTOOL" delete "$OUT-spend"
feed 16000
until_true 90 sh -c "! kill -0 $pid_gone"
wait "$pid_gone"
code=$?
if [ $code = 78 ] && grep -qE "sink spend: (the brokers have no such topic|the topic or a partition of it is gone) .topic $OUT-spend" gone.log; then ok "a sink's topic that was deleted is said"
else fail "a sink's topic that was deleted is said: $code" gone.log; fi
topic "$OUT-spend" 3
begin gone p.weir --state s --checkpoint-every 200ms
check "with the topic again, it goes on" until_true 60 committed 16000
finish gone
