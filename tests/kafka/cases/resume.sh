#!/bin/bash
# resume.sh -- where a program with --state goes on: at its checkpoint's offsets, whatever the group says or
# has forgotten; where records are gone; where the topic got more partitions; and at a row that met `fail`.
set -u
. "$(dirname "$0")/../cases.sh"
program() {                               # NAME SOURCE-OPTIONS SOURCE-CLAUSES: counts by user, and what it saw
  cat >"$1.weir" <<END
source rows: { id int, u string } {
  from kafka("$CASE-$1", brokers: env("KAFKA_PLAIN"), group: "$CASE-$1",
             options: { "session.timeout.ms": 1500, "heartbeat.interval.ms": 300,
                        "topic.metadata.refresh.interval.ms": 1000 }$2)
  format json  time meta.time  ${3:-}
}
state total by u keep all { n int = 0  on rows { n = total.n + 1 } }
rule each { on rows by u  when true  emit seen { id, u, n: total.n + 1 } }
stream seen: { id int, u string, n int }
sink seen { to file("$1.jsonl", append: true)  format json }
END
  KAFKA_PLAIN=x "$WEIR" check "$1.weir" >check.log 2>&1 || { fail "$1.weir is a program" check.log; exit 1; }
}
# feed TOPIC PARTITION FROM TO [USER]: record times in the order of the ids, whichever the partition
feed() { seq "$3" "$4" | awk -v p="$2" -v u="${5:-ann}" '{ printf "%d\t%.0f\t{\"id\":%d,\"u\":\"%s\"}\n", p, 1767225600000 + $1 * 1000, $1, u }' |
  "$KTOOL" produce -F ptv "$CASE-$1" 2>produce.log; }
run() { begin "$1" "$1.weir" --state "s-$1" --checkpoint-every 100ms; }
committed() { "$KTOOL" committed "$CASE-$1" | awk -v all="$2" '{ n += $3 } END { exit n != all }'; }
counted() { "$WEIR" state peek "s-$1" total u="$2" 2>/dev/null | grep -q '"n":'"$3"'[,}]'; }
ids() { sed 's/.*"id":\([0-9]*\).*/\1/' "$1" | sort -n | tr '\n' ' '; }

# ---- the group is told after the checkpoint, and not asked ----
# The last row waits: nothing behind it says that its time is over. So of 20 rows 19 are counted.
program keep ''
topic "$CASE-keep" 1
feed keep 0 1 20
run keep
check "the group is told what is in the checkpoint" until_true 60 committed keep 20
check "it has counted" counted keep ann 19
finish keep
check "and ends well" [ $code = 0 ]
"$KTOOL" forget "$CASE-keep" 2>forget.log || fail "the group is forgotten" forget.log
feed keep 0 21 40
run keep
until_true 60 committed keep 40
finish keep
check "a group that was deleted does not matter" counted keep ann 39
check "and is no surprise" [ "$(grep -c 'the state is new' keep.log)" = 0 ]
feed keep 0 41 60
cat >other.weir <<END
source rows: { id int } { from kafka("$CASE-keep", brokers: env("KAFKA_PLAIN"), group: "$CASE-keep",
  options: { "session.timeout.ms": 1500 })  format json }
sink rows { to file("other.jsonl")  format json }
END
begin other other.weir                    # another program takes the group further
until_true 60 committed keep 60
finish other
run keep
until_true 60 counted keep ann 59
finish keep
check "nor does one that is further" counted keep ann 59
check "every row is there once, in its order" cmp <(sed 's/.*"n":\([0-9]*\).*/\1/' keep.jsonl) <(seq 59)
rm -r s-keep
run keep
if until_true 30 says 'the state is new, and the group' keep.log; then ok "a new state with an old group is said"
else fail "a new state with an old group is said" keep.log; fi
finish keep

# ---- start: latest holds from the first checkpoint on ----
program late ', start: "latest"'
topic "$CASE-late" 1
feed late 0 1 10
begin late late.weir --state s-late --checkpoint-every 1h
until_true 30 test -e s-late/checkpoint-000000001
kill -KILL "$pid_late"; wait "$pid_late" 2>/dev/null
feed late 0 11 20
run late
until_true 60 committed late 20
finish late
check "start: latest is where the first run began" [ "$(ids late.jsonl)" = "$(seq -s ' ' 11 19) " ]

# ---- records that are gone ----
program gone ''
topic "$CASE-gone" 1
feed gone 0 1 20
run gone
until_true 60 committed gone 20
finish gone
feed gone 0 21 50
"$KTOOL" trim "$CASE-gone" 0 35 2>trim.log || fail "records are deleted" trim.log
run gone
until_true 60 committed gone 50
finish gone
if says "records 20 to 34 of $CASE-gone/0 are lost: the broker deleted them" gone.log; then ok "records that were deleted are said"
else fail "records that were deleted are said" gone.log; fi
check "and it goes on behind them" counted gone ann 34

# ---- more partitions ----
program more ', start: "latest"'
topic "$CASE-more" 2
run more
joined() { "$KTOOL" groups | awk -v g="$CASE-more" '$1 == g && $2 == "Stable" { found = 1 } END { exit !found }'; }
until_true 60 joined
feed more 0 1 10; feed more 1 11 20
until_true 60 committed more 20
"$KTOOL" grow "$CASE-more" 3 2>grow.log || fail "a third partition" grow.log
until_true 20 feed more 2 21 30
check "a partition that comes while it runs is read, from its beginning" until_true 60 committed more 30
finish more
"$KTOOL" grow "$CASE-more" 4 2>grow.log || fail "a fourth partition" grow.log
until_true 20 feed more 3 32 41
for p in 0 1 2 3; do feed more $p 42 42; done
for p in 0 1 2 3; do feed more $p 43 43 bob; done
run more
check "and so is one that came while it did not run" until_true 60 committed more 48
finish more
if says 'has 4 partitions, and had 3 when the state was saved' more.log; then ok "which is said"; else fail "which is said" more.log; fi
check "no row is missing" [ "$(grep ann more.jsonl | sed 's/.*"id":\([0-9]*\).*/\1/' | sort -nu | wc -l)" = 41 ]
"$KTOOL" delete "$CASE-more"
until_true 30 sh -c "! '$KTOOL' list | grep -q '^$CASE-more'"
topic "$CASE-more" 1
timeout -k 5 60 "$WEIR" run more.weir --state s-more >t.out 2>t.log </dev/null
code=$?
if [ $code = 78 ] && says 'has 1 partitions, and had 4' t.log; then ok "fewer partitions are another topic"; else fail "fewer partitions are another topic: $code" t.log; fi

# ---- fail ----
stops() {                                 # NAME PROGRAM TEXT: it ends at the record, with everything before it done
  timeout -k 5 90 "$WEIR" run "$2.weir" --state "s-$2" --checkpoint-every 1h >t.out 2>t.log </dev/null
  code=$?
  if [ $code = 65 ] && says "$3" t.log; then ok "$1"; else fail "$1: $code" t.log; fi
}
place() { "$KTOOL" committed "$CASE-$1" | awk '$2 == 0 { print $3 }'; }
topic "$CASE-bad" 1
program bad '' 'bad fail'
feed bad 0 1 10
printf '0\t{"id":"eleven"}\n' | "$KTOOL" produce -F pv "$CASE-bad" 2>produce.log
feed bad 0 12 30
stops "a bad record ends it, and is named" bad "record 10 of $CASE-bad/0 is bad"
check "all before it is committed" [ "$(place bad)" = 10 ]
check "and written" [ "$(ids bad.jsonl)" = "$(seq -s ' ' 9) " ]
stops "the next run stops there again" bad "record 10 of $CASE-bad/0 is bad"
sed -i 's/bad fail/bad drop/' bad.weir
run bad
until_true 60 committed bad 30
finish bad
check "a program that leaves it out goes on" counted bad ann 28
check "no row comes twice, none is left out" cmp <(sed 's/.*"n":\([0-9]*\).*/\1/' bad.jsonl) <(seq 28)

topic "$CASE-check" 2
program check '' 'check id < 100 else fail'
feed check 0 1 10; feed check 0 100 110; feed check 1 11 20
stops "a check that fails ends it, too" check "record 10 of $CASE-check/0 fails the check"
stops "again" check "record 10 of $CASE-check/0 fails the check"
check "what is before it is committed" [ "$(place check)" = 10 ]
check "with a checkpoint that is whole" "$WEIR" state check s-check

topic "$CASE-behind" 2
program behind '' 'late fail'
feed behind 1 1 20 bob; feed behind 0 1 10; feed behind 0 5 5; feed behind 0 11 20
stops "so does a late row" behind "record 10 of $CASE-behind/0 is late"
stops "which is late again" behind "record 10 of $CASE-behind/0 is late"
sed -i 's/late fail/late drop/' behind.weir
feed behind 0 99 99 end; feed behind 1 99 99 end
run behind
until_true 60 committed behind 43
finish behind
check "and only that one" [ "$(grep -c ann behind.jsonl)/$(grep -c bob behind.jsonl)" = "20/20" ]

topic "$CASE-plain" 2
echo "source rows: { id int } { from kafka(\"$CASE-plain\", brokers: env(\"KAFKA_PLAIN\"), group: \"$CASE-plain\")  format json  bad fail }
sink rows { to file(\"plain.jsonl\", append: true)  format json }" >plain.weir
feed plain 0 1 10
printf '0\tnonsense\n' | "$KTOOL" produce -F pv "$CASE-plain" 2>produce.log
for i in 1 2; do
  timeout -k 5 90 "$WEIR" run plain.weir >t.out 2>t.log </dev/null
  code=$?
  if [ $code = 65 ] && says "record 10 of $CASE-plain/0 is bad" t.log; then ok "without state, run $i stops there"; else fail "without state, run $i stops there: $code" t.log; fi
done
check "what was before it is written once" [ "$(ids plain.jsonl)" = "$(seq -s ' ' 1 10) " ]
