#!/bin/bash
# ktool.sh -- the tool that the other cases rely on: columns both ways, transactions, settings of a topic,
# groups, and the messages of what goes wrong.
set -u
failed=0
same() {                                  # NAME EXPECTED GOT
  if [ "$2" = "$3" ]; then echo "ok $1"; return; fi
  printf 'FAIL %s\n' "$1"
  diff <(echo "$2") <(echo "$3") | sed 's/^/    /'
  failed=1
}
says() {                                  # NAME PATTERN COMMAND...: it fails with that
  local name=$1 pattern=$2 got
  shift 2
  if got=$("$@" 2>&1 </dev/null); then same "$name" "a failure" "success"
  elif grep -qE -- "$pattern" <<<"$got"; then echo "ok $name"
  else same "$name" "$pattern" "$got"
  fi
}
tab=$(printf '\t')

"$KTOOL" create $CASE-a 3 || failed=1
same "a topic is listed" "$CASE-a${tab}3" "$("$KTOOL" list | grep "^$CASE-a")"
records="\
0	0	key	a=1;b=two	1700000000000	value
0	1	\\N		1700000000001	without key
1	0	gone		1700000000002	\\N
2	0			1700000000003	"
"$KTOOL" produce -F pokhtv $CASE-a <<<"$records" 2>err && failed=1
same "an offset cannot be chosen" 'ktool: produce: -F pokhtv: `o` is none of ptkhv' "$(cat err)"
cut -f1,3- <<<"$records" | "$KTOOL" produce -F pkhtv $CASE-a 2>err
same "as many as were sent" "4 records delivered" "$(cat err)"
same "columns come back: null, empty, headers, timestamps" "$records" "$("$KTOOL" consume $CASE-a | sort)"
same "offsets" "$(printf '0\t0\t2\n1\t0\t1\n2\t0\t1')" "$("$KTOOL" offsets $CASE-a)"
same "as many as asked for" 2 "$("$KTOOL" consume -n 2 $CASE-a | wc -l)"

"$KTOOL" create $CASE-b 1 || failed=1
printf '%s\n' 'a\tb\nc\\d\x00\xff' '{"x":1}' | "$KTOOL" produce -e $CASE-b 2>err
same "escapes" "$(printf '%s\n' 'a\tb\nc\\d\x00\xff' '{"x":1}')" "$("$KTOOL" consume -e -F v $CASE-b)"
same "and without: the bytes" "$(printf 'a\tb\nc\\d\0\377\n{"x":1}\n' | od -c)" "$("$KTOOL" consume -F v $CASE-b | od -c)"
says "a wrong escape" 'is no escape' bash -c "echo 'a\\q' | \"$KTOOL\" produce -e $CASE-b"

"$KTOOL" create $CASE-t 1 || failed=1
seq 3 | "$KTOOL" produce -t commit $CASE-t 2>/dev/null || failed=1
seq 4 6 | "$KTOOL" produce -t abort $CASE-t 2>/dev/null || failed=1
seq 7 9 | "$KTOOL" produce $CASE-t 2>/dev/null || failed=1
same "what was aborted is not read" "1 2 3 7 8 9" "$("$KTOOL" consume -F v $CASE-t | xargs)"

"$KTOOL" create $CASE-small 1 max.message.bytes=1000 cleanup.policy=compact || failed=1
says "a record beyond max.message.bytes" 'not delivered: Broker: Message size too large' \
  bash -c "printf 'k\t%2000s\n' x | \"$KTOOL\" produce -F kv $CASE-small"
says "no key where the topic is compacted" 'not delivered' bash -c "echo x | \"$KTOOL\" produce $CASE-small"

same "a group that never was" "" "$("$KTOOL" committed $CASE-none)"
same "groups" 0 "$("$KTOOL" groups | grep -c "^$CASE")"
"$KTOOL" delete $CASE-a || failed=1
for i in $(seq 100); do "$KTOOL" list | grep -q "^$CASE-a" || break; sleep 0.1; done
same "a deleted topic is gone" "" "$("$KTOOL" list | grep "^$CASE-a")"
says "deleted already" 'Unknown topic' "$KTOOL" delete $CASE-a
says "there already" 'already exists' "$KTOOL" create $CASE-b 1
says "a setting that is none" 'Unknown topic config name: no.such' "$KTOOL" create $CASE-c 1 no.such=1
says "a setting of the client that is none" 'No such configuration property' "$KTOOL" -X no.such=1 list
says "not a number" 'partitions `x` is no number' "$KTOOL" create $CASE-c x
says "too few columns" 'line 1 has fewer columns than -F kv' bash -c "echo a | \"$KTOOL\" produce -F kv $CASE-b"
says "a partition that is not there" 'not delivered|Unknown partition' bash -c "printf '7\ta\n' | \"$KTOOL\" produce -F pv $CASE-b"
says "a topic that is not there" 'topic nowhere: .*Unknown topic' "$KTOOL" consume nowhere
says "no such command" '^usage: ktool' "$KTOOL" frobnicate
exit $failed
