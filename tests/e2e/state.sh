#!/bin/bash
# state.sh [WEIR] -- `run --state` as an operator meets it: pausing and going on, programs that changed,
# folders that are damaged, shared or full, inputs and outputs that are not what they were, `weir state`.
set -u
cd "$(dirname "$0")/../.."
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C TZ=UTC
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0

ok() { echo "ok $1"; }
fail() { echo "FAIL $1"; shift; printf '    %s\n' "$@"; [ ! -e out ] || sed 's/^/    /' out; failed=1; }

# expect NAME CODE PATTERN COMMAND...: the exit code, and an extended regular expression in the output
expect() {
  local name=$1 code=$2 pattern=$3 got
  shift 3
  timeout 20 "$@" >out 2>&1 </dev/null
  got=$?
  if [ $got != "$code" ]; then fail "$name" "exit code $got, not $code"
  elif ! grep -qE -- "$pattern" out; then fail "$name" "the output does not match: $pattern"
  else ok "$name"; fi
}
same() { if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "expected: $2" "got:      $3"; fi; }
has() { if grep -qE -- "$2" out; then ok "$1"; else fail "$1" "the output does not match: $2"; fi; }
number() { ls state 2>/dev/null | sed -n 's/^checkpoint-0*\([0-9]\)/\1/p' | sort -n | tail -1; }
newest() { ls state/checkpoint-* | tail -1; }

row() { printf '{"id":%d,"user":"%s","amount":%d.50,"ts":"2026-01-01T00:%02d:%02dZ"}\n' "$1" "$2" "$3" $(($1 / 60)) $(($1 % 60)); }
input() { for ((i = $1; i < $2; i++)); do row $i "u$((i % 3))" $((i % 10)); done; }

T='type T { id int  user string  amount decimal(2)  ts timestamp }'
S='source s: T { from file("in.jsonl", follow: true) format json time ts bad drop late drop }'
G='stream g = s | group by user over tumbling 1m { user, start: window.start, n: count(), total: sum(amount) }'
O='sink g { to file("out.jsonl") format json }'
P='state profile by user keep 30d { n int = 0  total decimal(2) = 0.00  on s { n = n + 1  total = total + s.amount } }'
R='stream alerts: { user string, n int }
rule often { on s by user when profile.n >= 3 emit alerts { user, n: profile.n } }
sink alerts { to file("alerts.jsonl") format json }'
program() { printf '%s\n' "$@" >p.weir; }
fresh() { rm -rf state out.jsonl alerts.jsonl in.jsonl; input 0 100 >in.jsonl; }

# some SIGNAL: runs until the input has been read and a checkpoint says so, then sends the signal
some() {
  local was pid i
  was=$(number)
  "$WEIR" run p.weir --state state --checkpoint-every 20ms ${*:2} >out 2>&1 &
  pid=$!
  for ((i = 0; i < 500; i++)); do
    [ "$(number)" != "$was" ] && "$WEIR" state show state s 2>/dev/null | grep -q "read $(wc -l <in.jsonl) rows" && break
    kill -0 $pid 2>/dev/null || break
    sleep 0.02
  done
  kill "-$1" $pid 2>/dev/null
  wait $pid 2>/dev/null
}

# ---- ctrl-C pauses: nothing fires, the next run goes on ----

program "$T" "$S" "$G" "$O" "$P" "$R"
fresh
some INT
same "ctrl-C with state ends with 0" 0 $?
same "ctrl-C with state closes no window" 3 "$(wc -l <out.jsonl)"
input 100 200 >>in.jsonl
some TERM
same "the next run goes on: windows" 9 "$(wc -l <out.jsonl)"
same "... none twice" "" "$(sort out.jsonl | uniq -d)"
same "... and rules" "$((200 - 9 - 1))" "$(wc -l <alerts.jsonl)"
has "it says where it resumes" "resumes from checkpoint [0-9]+ of 20"
cp -r state state.good; cp out.jsonl out.good; cp alerts.jsonl alerts.good
back() { rm -rf state; cp -r state.good state; cp out.good out.jsonl; cp alerts.good alerts.jsonl; }

# ---- weir state ----

expect "state ls" 0 "^state +profile +3 " "$WEIR" state ls state
expect "state show" 0 "key user string" "$WEIR" state show state profile
expect "state show: positions" 0 "read 200 rows, 0 bad" "$WEIR" state show state s
expect "state show of nothing" 66 "nothing has that name" "$WEIR" state show state nobody
expect "state check" 0 "checkpoint-[0-9]+ ok: " "$WEIR" state check state
expect "state peek" 0 '^\{"user":"u0","n":6[67],"total":[0-9.]+\}$' "$WEIR" state peek state profile user=u0
expect "state peek, no such key" 66 "no record of this key" "$WEIR" state peek state profile user=u9
expect "state peek, not its key" 64 "each part of its key" "$WEIR" state peek state profile id=9
expect "state peek, no such state" 66 "no state of that name" "$WEIR" state peek state profiles user=u0
expect "state of no folder" 66 "cannot list" "$WEIR" state ls nowhere
expect "state of an empty folder" 66 "no checkpoint is there" "$WEIR" state ls .
expect "state, no verb" 64 "takes ls, show, check or peek" "$WEIR" state
expect "state --help" 0 "^Usage: weir state " "$WEIR" state --help

# ---- programs that changed ----

# changed NAME CODE PATTERN LINES... -- OPTIONS...: the program of these lines over the good state; a refusal
# leaves everything as it was
changed() {
  local name=$1 code=$2 pattern=$3 lines=() sum
  shift 3
  while [ $# -gt 0 ] && [ "$1" != -- ]; do lines+=("$1"); shift; done
  [ $# = 0 ] || shift
  back
  program "${lines[@]}"
  sum=$(cat state/checkpoint-* out.jsonl alerts.jsonl | cksum)
  if [ "$code" = 0 ]; then
    some INT "$@"
    if grep -qE "error" out || ! grep -qE -- "$pattern" out; then fail "$name" "it should have gone on: $pattern"; else ok "$name"; fi
    return
  fi
  expect "$name" "$code" "$pattern" "$WEIR" run p.weir --state state "$@"
  same "$name: nothing was touched" "$sum" "$(cat state/checkpoint-* out.jsonl alerts.jsonl | cksum)"
}

changed "an added field" 0 "resumes" "$T" "$S" "$G" "$O" "${P/ on s/ more int = 7 on s}" "$R" -- --accept profile
same "... has its initial value" 1 "$("$WEIR" state peek state profile user=u0 2>/dev/null | grep -c '"more":7')"
changed "an added rule and sink" 0 "resumes" "$T" "$S" "$G" "$O" "$P" "$R" \
  "rule big { on s by user when s.amount > 9.00 emit alerts { user, n: 1 } }" \
  "stream raw = g | where n > 0" "sink raw { to file(\"raw.jsonl\") format json }"
changed "an added rule that reads another field" 0 "read again for columns .*: 1$" "$T" "$S" "$G" "$O" "$P" "$R" \
  "rule big { on s by user when s.id > 9 emit alerts { user, n: 1 } }"
changed "an added sink on the stream" 0 "resumes" "$T" "$S" "$G" "$O" "$P" "$R" "sink raw { to file(\"raw.jsonl\") format json }" "stream raw = s"
changed "an added source before the others" 0 "resumes" "$T" "source a: T { from file(\"in.jsonl\") format json time ts bad drop late drop }" \
  "sink a { to file(\"raw.jsonl\") format json }" "$S" "$G" "$O" "$P" "$R"
changed "a wider field" 78 "field total decimal\(2\).*field total decimal\(4\)" "$T" "$S" "$G" "$O" \
  "${P/total decimal(2) = 0.00/total decimal(4) = 0.0000}" "$R"
changed "another key" 78 "key user string.*key id int" "$T" "$S" "$G" "$O" \
  "state profile by id keep 30d { n int = 0  total decimal(2) = 0.00  on s { n = n + 1  total = total + s.amount } }" "${R/by user/by id}"
changed "another window" 78 "group g.*window tumbling 1m.*window tumbling 2m" "$T" "$S" "${G/1m/2m}" "$O" "$P" "$R"
changed "another window, dropped" 0 "group g is forgotten" "$T" "$S" "${G/1m/2m}" "$O" "$P" "$R" -- --drop g
changed "another aggregate" 78 "agg sum_D.*agg avg_D" "$T" "$S" "${G/sum(/avg(}" "$O" "$P" "$R"
changed "another meaning" 78 "means n on s: n \+ 1.*means n on s: n \+ 2" "$T" "$S" "$G" "$O" "${P/n + 1/n + 2}" "$R"
changed "another meaning, accepted" 0 "resumes" "$T" "$S" "$G" "$O" "${P/n + 1/n + 2}" "$R" -- --accept profile
changed "a removed state" 78 "state profile cannot be taken over" "$T" "$S" "$G" "$O"
changed "a removed field" 78 "field total decimal\(2\)" "$T" "$S" "$G" "$O" "state profile by user keep 30d { n int = 0  on s { n = n + 1 } }" "$R"
changed "a removed sink" 0 "no sink alerts any more" "$T" "$S" "$G" "$O" "$P" "${R%%sink*}" "sink other { to file(\"other.jsonl\") format json }" "stream other = alerts"
changed "dropping nothing" 64 "--drop nobody: no checkpoint" "$T" "$S" "$G" "$O" "$P" "$R" -- --drop nobody
cp p.weir other.weir
back
expect "another program" 78 "holds the state of program p, not of other" "$WEIR" run other.weir --state state
program "$T" "$S" "$G" "$O" "$P" "$R"

# ---- damage ----

back
printf X | dd of="$(newest)" bs=1 seek=200 conv=notrunc 2>/dev/null
expect "a damaged file is named" 65 "DAMAGED.*checksum" "$WEIR" state check state
some INT
has "... and the one before is used" "cannot be used: .*checksum"
same "... nothing is missing" "$(cat out.good)" "$(cat out.jsonl)"
back
for f in state/checkpoint-*; do truncate -s 100 "$f"; done
expect "none is whole" 65 "nothing to resume from" "$WEIR" run p.weir --state state
back
truncate -s 0 "$(newest)"
expect "an empty file" 65 "it is empty" "$WEIR" state check state

# ---- inputs and outputs that are not what they were ----

back; mv in.jsonl in.gone
expect "the input is gone" 66 "not there any more|cannot open in.jsonl" "$WEIR" run p.weir --state state
head -50 in.gone >in.jsonl
expect "the input is shorter" 66 "shorter than it was" "$WEIR" run p.weir --state state
sed 's/u1/v1/' in.gone >in.jsonl
expect "the input is another" 66 "not the file that it was" "$WEIR" run p.weir --state state
mv in.gone in.jsonl
back; head -3 out.good >out.jsonl
expect "the output is shorter" 74 "out.jsonl: it is shorter" "$WEIR" run p.weir --state state
rm out.jsonl
expect "the output is gone" 74 "out.jsonl: No such file" "$WEIR" run p.weir --state state
back; echo "left over" >>out.jsonl
some INT
same "the output is cut back" "$(cat out.good)" "$(cat out.jsonl)"

# ---- ended inputs ----

program "$T" "${S/, follow: true/}" "$G" "$O"
fresh
expect "to the end" 0 "100 rows read" "$WEIR" run p.weir --state state
cp out.jsonl out.good
expect "once more: nothing is left to do" 0 "resumes" "$WEIR" run p.weir --state state
same "... and nothing changes" "$(cat out.good)" "$(cat out.jsonl)"
input 100 110 >>in.jsonl
expect "more after the end" 78 "had ended.*now there is more" "$WEIR" run p.weir --state state

# ---- side by side: files as partitions ----

program "$T" "source s: T { from file(\"day-*.jsonl\", partitions: \"files\") format json time ts bad drop late drop }" "$G" "$O"
fresh; input 0 300 >day-1.jsonl; input 150 450 >day-2.jsonl
expect "two partitions, undisturbed" 0 "600 rows" "$WEIR" run p.weir
sort out.jsonl >want
for ((i = 0; i < 60; i++)); do
  timeout --foreground -s KILL 0.0$((10 + RANDOM % 60)) "$WEIR" run p.weir --state state --checkpoint-every 1ms --batch 1 --quiet >out 2>&1 && break
done 2>/dev/null
[ $i -lt 60 ] || "$WEIR" run p.weir --state state --quiet >out 2>&1
same "two partitions, killed" "$(cat want)" "$(sort out.jsonl)"

# ---- one run a folder; the folder must be writable; standard output ----

program "$T" "$S" "$G" "$O" "$P" "$R"
fresh
"$WEIR" run p.weir --state state >out2 2>&1 &
pid=$!
for ((i = 0; i < 200; i++)); do [ ! -e "$(echo state/checkpoint-*1)" ] || break; sleep 0.02; done
expect "a second run" 78 "another run uses state" "$WEIR" run p.weir --state state
kill -INT $pid; wait $pid
expect "a folder in a folder that is not there" 78 "cannot create the folder" "$WEIR" run p.weir --state no/where
: >file
expect "a file for a folder" 78 "file" "$WEIR" run p.weir --state file
expect "standard input cannot be gone back to" 78 "cannot go back|standard input|not a file|pipe" \
  "$WEIR" run <(printf '%s\n' "$T" "${S/in.jsonl\", follow: true/-\"}" "$G" "$O") --state none
if [ "$(id -u)" = 0 ] && mkdir full && mount -t tmpfs -o size=16k none full 2>/dev/null; then
  head -c 100000 /dev/zero >full/fill 2>/dev/null
  expect "no room for the first checkpoint" 74 "cannot write a checkpoint: .*No space left" "$WEIR" run p.weir --state full/state
  umount full
fi
if [ "$(id -u)" != 0 ]; then
  mkdir -m 500 shut
  expect "a folder that may not be written to" 78 "Permission denied" "$WEIR" run p.weir --state shut/state
fi
program "$T" "${S/, follow: true/}" "$G" "${O/out.jsonl/-}"
rm -rf state
expect "standard output is said to be at least once" 0 "may come a second time" "$WEIR" run p.weir --state state
# ---- a changed program, while rows wait ----

# late N: rows of which every third comes up to four seconds late
jumble() { for ((i = $1; i < $2; i++)); do row $((i % 3 == 1 && i > 4 ? i - 4 : i)) "u$((i % 3))" $((i % 10)); done; }
SD='source s: T { from file("in-*.jsonl", partitions: "files", follow: true) format json time ts delay 8s bad drop late drop }'
wide='stream found: { id int, user string, total decimal(2) }
rule wide { on s by user over sliding 20s when mod(s.id, 5) = 0 emit found { id, user, total: sum(amount) } }
sink found { to file("found.jsonl") format json }'
halves() { rm -rf state ./*.jsonl; jumble 0 150 >in-1.jsonl; jumble 70 200 >in-2.jsonl; }
rest() { jumble 150 300 >>in-1.jsonl; jumble 200 280 >>in-2.jsonl; }
# whole LINES...: runs until all that was read is in a checkpoint
whole() {
  local was pid i want
  program "$@"
  want=$(cat in-*.jsonl | wc -l)
  "$WEIR" run p.weir --state state --checkpoint-every 20ms >out 2>&1 &
  pid=$!
  for ((i = 0; i < 500; i++)); do
    "$WEIR" state show state s 2>/dev/null | grep -q "read $want rows" && break
    kill -0 $pid 2>/dev/null || break
    sleep 0.02
  done
  kill -INT $pid 2>/dev/null
  wait $pid 2>/dev/null
}
halves; whole "$T" "$SD" "$P" "$R" "$wide"; rest; whole "$T" "$SD" "$P" "$R" "$wide"
sort alerts.jsonl >want; sort found.jsonl >want2
halves; whole "$T" "$SD" "$P" "$R"
waiting=$("$WEIR" state ls state | awk '$1 == "order" { print $3 }')
rest; whole "$T" "$SD" "$P" "$R" "$wide"
has "waiting rows of two partitions are read again" "read again for columns .*: $waiting$"
same "... former rules miss nothing" "$(cat want)" "$(sort alerts.jsonl)"
same "... the new one has all that had not left" "" "$(sort found.jsonl | awk -F'[:,]' '$2 > 170' | diff - <(awk -F'[:,]' '$2 > 170' want2))"
same "... and nothing else" "0" "$(grep -c '"id":100,' found.jsonl)"
halves; whole "$T" "$SD" "$P" "$R"
mv in-1.jsonl gone; sed 's/"id":/"number":/' gone >in-1.jsonl
program "$T" "$SD" "$P" "$R" "$wide"
expect "a record that cannot be read again" 66 "not the file that it was" "$WEIR" run p.weir --state state
mv gone in-1.jsonl
rm -f in-*.jsonl found.jsonl

# ---- parameters: set while running, killed, gone on; by --set again ----

program "$T" 'param least: int = 3' "$S" "$P" "${R/>= 3/> least}"
rm -rf state; rm -f ./*.jsonl; jumble 0 50 >in.jsonl
"$WEIR" run p.weir --state state --checkpoint-every 20ms --control sock >out 2>&1 &
pid=$!
for ((i = 0; i < 500; i++)); do [ ! -S sock ] || [ "$(number)" -lt 2 ] || break; sleep 0.02; done 2>/dev/null
"$WEIR" set sock least=17 >out2 2>&1 || fail "weir set" "$(cat out2)"
for ((i = 0; i < 500; i++)); do "$WEIR" state show state 2>/dev/null | grep -q "least from 3 to 17" && break; sleep 0.02; done
kill -9 $pid; wait $pid 2>/dev/null
expect "a parameter that was set is in the log of decisions" 0 "param least from 3 to 17" "$WEIR" state show state
some INT
has "a killed run goes on with it, and says so" "param least is 17, as it was set while running; at start 3"
jumble 50 60 >>in.jsonl
some INT --set least=5
has "--set wins over it, and says so" "param least was 17, set while running; --set or the program says 5"
jumble 60 70 >>in.jsonl
some INT
if grep -qE "(is|to) 17" out; then fail "... for good" "17 is back"; else ok "... for good"; fi

# ---- enums, windows of events, parameters: what changes and what stays ----

V='type T { id int  user string  kind enum { buy, sell }  amount decimal(2)  ts timestamp }'
VS='source s: T { from file("in-*.jsonl", follow: true) format json time ts delay 8s bad drop late drop }'
last='state last by user keep 30d { kind enum { buy, sell } = "buy"  on s { kind = s.kind } }'
own='stream told: { user string, kind enum { buy, sell }, n int, m decimal(2) }
window recent = sliding 1m
rule tell { on s by user over recent when last.kind is not null emit told { user, kind: s.kind, n: count(), m: max(amount) } }
sink told { to file("told.jsonl") format json }'
kinds() { for ((i = $1; i < $2; i++)); do row $i "u$((i % 3))" $((i % 10)) | sed "s/}/,\"kind\":\"$(((i / 3) % 2 ? 1 : 0))\"}/; s/\"0\"/\"buy\"/; s/\"1\"/\"sell\"/"; done; }
V2=${V/buy, sell/hold, sell, buy}
last2=${last/buy, sell/hold, sell, buy}
own2=${own/buy, sell/hold, sell, buy}
rm -rf state ./*.jsonl
kinds 0 150 >in-1.jsonl; whole "$V" "$VS" "$last" "$own"; kinds 150 200 >>in-1.jsonl; whole "$V" "$VS" "$last" "$own"
cp told.jsonl want
rm -rf state told.jsonl
kinds 0 150 >in-1.jsonl; whole "$V" "$VS" "$last" "$own"
rm -rf state.good; cp -r state state.good; cp told.jsonl told.good
kinds 150 200 >>in-1.jsonl
again() { rm -rf state; cp -r state.good state; cp told.good told.jsonl; }
again
whole "$V2" "$VS" "$last2" "$own2"
same "enums that grew: rows that wait, events, by name" "$(cat want)" "$(cat told.jsonl)"
same "... and states" '{"user":"u1","kind":"sell"}' "$("$WEIR" state peek state last user=u1)"
again; program "${V/buy, sell/buy}" "$VS" "${last/buy, sell/buy}" "${own/buy, sell/buy}"
expect "a member that is gone" 78 "enum\(buy\|sell\).*enum\(buy\)" "$WEIR" run p.weir --state state

again; whole "$V" "$VS" "$last" "$own
rule least { on s by user over recent when count() > 19 emit told { user, kind: s.kind, n: count(), m: min(amount) } }"
same "an added rule over a shared window has its history" "$(grep -c '"n":20' told.jsonl)" "$((2 * $(grep -c '"n":20' want) - $(grep -c '"n":20' told.good)))"
again; program "$V" "$VS" "$last" "${own/max(amount)/max(amount), x: max(id)}"
sed -i 's/m decimal(2) }/m decimal(2), x int? }/' p.weir
expect "an argument that the events lack" 78 "window recent.*field id int" "$WEIR" run p.weir --state state
again; whole "$V" "$VS" "$last" "${own/sliding 1m/sliding 30s}"
same "a shorter window goes on" "10" "$(tail -1 told.jsonl | sed 's/.*"n":\([0-9]*\).*/\1/')"
again; program "$V" "$VS" "$last" "${own/sliding 1m/sliding 2m}"
expect "a longer window" 78 "sliding 1m.*sliding 2m" "$WEIR" run p.weir --state state

# ---- what --drop leaves alone, and a field that is added with its update ----

few() { printf '{"id":%d,"at":"2026-01-01T00:0%d:00Z"}\n' 1 0 2 2 3 4; }
few >few.jsonl
counts() {                                # SIZE
  cat >p.weir <<END
source few: { id int, at timestamp } { from file("few.jsonl") format json time at delay 1s bad drop late drop }
stream counts = few | group over tumbling $1 { n: count() }
sink counts { to file("counts.jsonl") format json }
END
}
rm -rf state counts.jsonl
counts 3m; expect "windows, a first time" 0 "" "$WEIR" run p.weir --state state
before=$(cat counts.jsonl)
counts 5m; expect "dropping a grouping keeps the sink of its name" 0 "" "$WEIR" run p.weir --state state --drop counts
same "... and what it has written" "$before" "$(head -n "$(wc -l <<<"$before")" counts.jsonl)"
expect "dropping the sink" 0 "sink counts is forgotten" "$WEIR" run p.weir --state state --drop sink:counts
same "... begins its file anew" 0 "$(wc -c <counts.jsonl)"

seen() {                                  # FIELDS UPDATES
  cat >p.weir <<END
source few: { id int, at timestamp } { from file("few.jsonl") format json time at delay 1s bad drop late drop }
state seen by id keep 1d { $1  on few { $2 } }
rule r { on few by id when seen.n > 5 emit told { id } }
stream told: { id int }
sink told { to blackhole }
END
}
rm -rf state
seen "n int = 0" "n = n + 1"; expect "a state" 0 "" "$WEIR" run p.weir --state state
seen "n int = 0  last timestamp?" "last = at, n = n + 1"
expect "a field is added with its update" 0 "" "$WEIR" run p.weir --state state
same "... and the others keep theirs" '{"id":1,"n":1,"last":null}' "$("$WEIR" state peek state seen id=1)"

exit $failed
