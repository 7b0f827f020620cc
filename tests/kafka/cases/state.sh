#!/bin/bash
# state.sh -- Kafka to Kafka with --state, killed again and again: nothing is missing against an undisturbed run,
# what comes twice is an exact copy with the same weir-id, and the state is the same. KILLS (10) kills it more often.
#
# A life is at random: some die before they have read anything, some in the middle, some between two checkpoints.
set -u
. "$(dirname "$0")/../cases.sh"
. "$(dirname "$0")/../payments.sh"
KILLS=${KILLS:-10}
SEED=${SEED:-$RANDOM}
RANDOM=$SEED
ROWS=40000 PARTS=12 ALL=$((40000 + 12))
payments_program >p.weir
export IN=$CASE-in
topic "$IN" $PARTS
for out in a b; do topic "$CASE-$out" 3; topic "$CASE-$out-spend" 3; done

start() { OUT=$CASE-$1 GROUP=$CASE-$1 begin "$1" p.weir --state "state-$1" --checkpoint-every 100ms --batch "$2"; }
# All has been read and is in a checkpoint: only then the group is told.
committed() { "$KTOOL" committed "$CASE-$1" | awk -v all=$ALL '{ n += $3 } END { exit n != all }'; }
number() { ls state-a 2>/dev/null | sed -n 's/^checkpoint-0*\([0-9]\)/\1/p' | sort -n | tail -1; }
further() { [ "$(number)" -gt "$1" ]; }   # than this checkpoint

# Payments arrive for as long as the killing takes, about.
{ for i in $(seq 0 199); do payments $((i * ROWS / 200 + 1)) $(((i + 1) * ROWS / 200)) $PARTS; sleep 0.1; done
  payments_end $ROWS $PARTS; } | "$KTOOL" -T 170 produce -F ptkv "$IN" 2>produce.log &
feeder=$!
kills=0 died=0
while [ $kills -lt "$KILLS" ]; do
  was=$(number)
  start a 100
  if [ $((kills % 4)) = 3 ]; then sleep "1.$(printf %03d $((RANDOM % 1000)))"
  else
    until_true 30 further "$((${was:-0} + RANDOM % 4))"
    sleep "0.$(printf %03d $((RANDOM % 200)))"
  fi
  kill -KILL "$pid_a" 2>/dev/null || { died=1; fail "life $kills ended by itself (SEED=$SEED)" a.log; break; }
  wait "$pid_a" 2>/dev/null
  kills=$((kills + 1))
done
[ $died = 0 ] && ok "killed $kills times"
wait $feeder
start a 1000
if until_true 90 committed a; then ok "then it reads to the end"; else fail "then it reads to the end (SEED=$SEED)" a.log; fi
check "from its checkpoint" grep -q 'resumes from checkpoint' a.log
finish a
check "and stops with a checkpoint" [ $code = 0 ]
start b 1000
until_true 90 committed b || fail "the undisturbed run" b.log
finish b
check "so does the undisturbed run" [ $code = 0 ]

# ---- what was written ----
for out in a b a-spend b-spend; do "$KTOOL" consume -F htkv "$CASE-$out" >"$out.all" 2>consume.log; sort -u "$out.all" >"$out.set"; done
for what in "" -spend; do
  n=$(wc -l <"b$what.all")
  name=${what:--alerts}
  check "undisturbed, nothing comes twice: ${name#-}" [ "$n" -gt 500 -a "$n" = "$(wc -l <"b$what.set")" ]
  if cmp -s "a$what.set" "b$what.set"; then ok "killed, the same records: ${name#-}"
  else fail "killed, the same records: ${name#-} (SEED=$SEED)" <(diff "a$what.set" "b$what.set" | head -n 20); fi
  echo "# $(($(wc -l <"a$what.all") - n)) of $n ${name#-} came more than once"
  # a row has one id and an id one row, even without the print of the bytes behind it
  check "ids name rows: ${name#-}" [ "$(cut -f1 "a$what.set" | sed 's/:[0-9a-f]*$//' | sort -u | wc -l)" = "$n" ]
done
check "an id says where the row came from" grep -qE '^weir-id=alerts:payments/[0-9]+/[0-9]+\.[0-9]+:[0-9a-f]{8}	' a.set
check "or of which window it is" grep -qE '^weir-id=spend:spend[^/]*/17672[0-9]{11}/[0-9]+:[0-9a-f]{8}	' a-spend.set

# ---- what is kept ----
users() { for u in $(seq 0 96); do "$WEIR" state peek "$1" profile user="user$u" || echo none; done 2>&1 | sed 's/, checkpoint .*//'; }
users state-a >a.users; users state-b >b.users
check "the profiles are those of the undisturbed run" cmp a.users b.users
check "and hold something" [ "$(grep -c '"n":' a.users)" = 97 ]
# Windows and limits give back what has run out of time little by little: how many they hold is not compared.
cells() { "$WEIR" state ls "$1" | awk '$1 == "state" || $1 == "group" || $1 == "order" { print $1, $2, $3 }'; }
cells state-a >a.cells; cells state-b >b.cells
check "all cells have as many keys" cmp a.cells b.cells
places() { "$WEIR" state show "$1" payments | grep -v -e '^checkpoint' -e bytes; }
places state-a >a.places; places state-b >b.places
check "and the source stands in the same places" cmp a.places b.places
