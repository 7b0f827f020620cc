#!/bin/bash
# tables.sh -- a compacted topic as a table: read to its head before the first row, in every copy of the
# program; then followed; a record without a value takes its key away.
set -u
. "$(dirname "$0")/../cases.sh"
"$KTOOL" create "$CASE-names" 3 cleanup.policy=compact

say() { "$KTOOL" produce -F kv "$CASE-names"; }
cat >t.weir <<END
source rows: { code string } { from file("in", follow: true)  format json }
table names: { code string, name string } key code { from kafka("$CASE-names", brokers: env("KAFKA_PLAIN"))  format json  bad to wrong }
stream named = rows | left join names on code | select { code, name: names.name }
stream bad = wrong | select { source, reason, offset }
sink named { to file("out")  format json }
sink bad { to file("bad")  format json }
END
for i in $(seq 300); do printf 'k%d\t{"code":"k%d","name":"old"}\n' "$i" "$i"; done | say
for i in $(seq 300); do printf 'k%d\t{"code":"k%d","name":"one"}\n' "$i" "$i"; done | say
printf '%s\n' 'k7	\N' 'nobody	\N' 'k8	nonsense' | say

# the last answer about a code, asked until it is as wanted
becomes() {                               # CODE WANTED
  printf '{"code":"%s"}\n' "$1" >>in
  tail -n 1 out | grep -qF -- "\"code\":\"$1\",\"name\":$2}"
}
for i in $(seq 300); do printf '{"code":"k%d"}\n' "$i"; done >in
begin t t.weir
until_true 60 lines 300 out || fail "300 answers" t.log
if [ "$(grep -c '"name":"one"' out)" = 299 ] && grep -q '"code":"k7","name":null' out; then ok "the table is there before the first row, without what was deleted"
else fail "the table is there before the first row, without what was deleted" out; fi
until_true 20 grep -q '"reason":"the record is not well-formed"' bad && ok "a bad record goes where bad says" || fail "a bad record goes where bad says" t.log
printf '%s\n' 'k1	{"code":"k1","name":"a second name, longer than twelve"}' 'new	{"code":"new","name":"n"}' 'k2	\N' | say
until_true 60 becomes k1 '"a second name, longer than twelve"' && ok "then it is followed" || fail "then it is followed" out
until_true 60 becomes new '"n"' && ok "new keys too" || fail "new keys too" out
until_true 60 becomes k2 null && ok "deletions too" || fail "deletions too" out
finish t
grep -q . <("$KTOOL" groups | grep "$CASE") && fail "it is in no group" || ok "it is in no group"
