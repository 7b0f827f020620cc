#!/bin/bash
# control.sh [WEIR] -- parameters that change while a program runs: what later rows see, what is refused,
# who may open the socket, and clients that misbehave.
set -u
cd "$(dirname "$0")/../.."
root=$PWD
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C
dir=$(mktemp -d)
pids=
trap 'for p in $pids; do kill -KILL $p 2>/dev/null; done; rm -rf "$dir"' EXIT
cd "$dir"
failed=0

same() {                                  # NAME EXPECTED GOT
  if [ "$2" = "$3" ]; then echo "ok $1"; return; fi
  printf 'FAIL %s\n    expected: %s\n    got:      %s\n' "$1" "$2" "$3"
  failed=1
}
expect() {                                # NAME CODE PATTERN COMMAND...
  local name=$1 code=$2 pattern=$3 got
  shift 3
  timeout 60 "$@" >out 2>&1 </dev/null
  got=$?
  same "$name: exit code" "$code" $got
  if { [ -z "$pattern" ] && [ ! -s out ]; } || { [ -n "$pattern" ] && grep -qE -- "$pattern" out; }; then echo "ok $name"
  else
    echo "FAIL $name: the output does not match: $pattern"
    sed 's/^/    /' out
    failed=1
  fi
}
wait_for() { for _ in $(seq 600); do eval "$1" && return 0; sleep 0.05; done; echo "    waited in vain: $1"; return 1; }

# start COMMAND...: in the background; sets pid
start() {
  "$@" --control c.sock 2>err &
  pid=$!
  pids="$pids $pid"
  wait_for '[ -S c.sock ]'
}
rows=0
row() {                                   # ID: one more row, and all that it causes
  echo "{\"id\":$1,\"ts\":\"2026-01-01T00:00:0$((rows % 10))Z\"}" >>log.jsonl
  rows=$((rows + 1))
  wait_for '[ "$(wc -l <all.jsonl)" = $rows ]'
}

cat >p.weir <<'END'
type Level = enum { low, high }
param least: int = 1 check least between 0 and 100
param most: int = 100 check most >= least
param country: string = "DE"
param tags: list<string> = ["a"]
param limit: decimal(2) = 2.50
param share: float? = 0.5
param wait: duration = 5m
param since: timestamp = @2026-01-01
param level: Level = "low"
param exact: bool = false
param width: duration = 1h
type T { id int  ts timestamp }
source s: T { from file("log.jsonl", follow: true) format json time ts bad drop late drop }
stream o = s | where id >= least and id <= most | select { id, country, tags, limit, share, wait, since, level, exact }
sink o { to file("o.jsonl") format json }
sink s { to file("all.jsonl") format json }
stream w = s | group over tumbling (width) { n: count() }
sink w { to file("w.jsonl") format json }
END
"$WEIR" check p.weir || exit 1
: >log.jsonl

# ---- later rows, and only those ----

start "$WEIR" run p.weir --set least=2
same "the socket is its user's" 600 "$(stat -c %a c.sock)"
row 1
row 5
expect "set" 0 "" "$WEIR" set c.sock least=5 "country=F\"R, übermorgen"
row 4
row 6
first='"tags":["a"],"limit":2.50,"share":0.5,"wait":"5m","since":"2026-01-01T00:00:00Z","level":"low","exact":false}'
same "rows before a change see the old value, later ones the new" \
  '{"id":5,"country":"DE",'"$first"'|{"id":6,"country":"F\"R, übermorgen",'"$first" "$(paste -sd'|' o.jsonl)"
expect "every type" 0 "" "$WEIR" set c.sock 'tags=["x","y \"z\""]' limit=10.05 share=null wait=1h30m \
  since=@2026-02-03 level=high exact=true country=
row 7
same "values of every type" '{"id":7,"country":"","tags":["x","y \"z\""],"limit":10.05,"share":null,"wait":"1h30m","since":"2026-02-03T00:00:00Z","level":"high","exact":true}' \
  "$(tail -n 1 o.jsonl)"
for i in 1 2 3 4 5 6 7 8 9; do "$WEIR" set c.sock "country=number $i" "tags=[\"$i\"]" || failed=1; done
row 8
same "the last of many" '"country":"number 9","tags":["9"]' "$(tail -n 1 o.jsonl | grep -o '"country.*\]')"

# ---- what is shown ----

expect "get" 0 'least: int = 5' "$WEIR" get c.sock
same "get: default, check, before" 1 "$(grep -cE 'default 1, check least between 0 and 100, set 2.*Z, before: 2$' out)"
same "get: fixed at start" 1 "$(grep -A1 '^width: duration = 1h' out | grep -c 'fixed at start, since the start')"
same "get: an enum's members" 1 "$(grep -c 'level: enum { low, high } = high' out)"
same "get: a type that may be null" 1 "$(grep -c 'share: float? = null' out)"
same "get --json" "least int 5 1 False True|width duration 1h 1h True False|tags list<string> ['9'] None False True" \
  "$("$WEIR" get c.sock --json | python3 -c '
import json, sys
p = {d["name"]: d for d in map(json.loads, sys.stdin)}
print("|".join(" ".join(str(p[n][k]) for k in ("name", "type", "value", "default", "structural", "set")) for n in ("least", "width", "tags")))')"
same "changes are logged" 1 "$(grep -cE '^weir: 2[0-9-]*T[0-9:.]*Z parameter least: "2" -> "5" \(by user [0-9]+, process [0-9]+\)$' err)"
same "a text of several lines is logged on one" 1 "$("$WEIR" set c.sock $'country=a\nb' && grep -c 'country: .* -> "a\\nb"' err)"

# ---- what is refused: nothing changes, with the reason ----

"$WEIR" set c.sock most=90
"$WEIR" get c.sock >before
expect "a value outside its check" 64 'least: 101 is refused by its check: least between 0 and 100' "$WEIR" set c.sock least=101
expect "a check that names another parameter" 64 'most: 3 is refused by its check: most >= least' "$WEIR" set c.sock most=3
expect "another parameter's check" 64 'most: 90 is refused by its check: most >= least' "$WEIR" set c.sock least=91
expect "another type" 64 'least: abc is not a value of its type' "$WEIR" set c.sock least=abc
expect "too many digits" 64 'limit: 1.005 is not' "$WEIR" set c.sock limit=1.005
expect "not a member" 64 'level: medium' "$WEIR" set c.sock level=medium
expect "not UTF-8" 64 'error' "$WEIR" set c.sock $'country=\xff'
expect "null where none may be" 64 'least: null' "$WEIR" set c.sock least=null
expect "a structural parameter" 64 'width is fixed at start' "$WEIR" set c.sock width=2h
same "it says what to do" 1 "$(grep -c 'hint: .*--set width=' out)"
expect "an unknown parameter" 64 'no parameter leest' "$WEIR" set c.sock leest=1
expect "all or nothing" 64 'limit: x is not' "$WEIR" set c.sock least=7 limit=x
expect "all or nothing, the check last" 64 'most: 2 is refused' "$WEIR" set c.sock least=7 country=IT most=2
expect "twice" 64 'set twice' "$WEIR" set c.sock least=7 least=8
same "nothing has changed" "" "$("$WEIR" get c.sock | diff before -)"
expect "two that only fit together" 0 "" "$WEIR" set c.sock most=4 least=3
expect "set without =" 64 'NAME=VALUE, not least' "$WEIR" set c.sock least
expect "set without anything" 64 'which parameter' "$WEIR" set c.sock
expect "get without a socket" 64 'which run' "$WEIR" get
expect "get with an option" 64 'unknown option --frob' "$WEIR" get --frob
expect "help" 0 'Usage: weir set SOCKET' "$WEIR" set --help

# ---- sockets ----

expect "no run" 66 'there is no run' "$WEIR" get nowhere.sock
expect "a file that is no socket" 66 'nothing|refused|no run' "$WEIR" get log.jsonl
expect "a socket that another run answers at" 78 'another run answers' "$WEIR" run p.weir --control c.sock
expect "a path that is a file" 78 'no socket' "$WEIR" run p.weir --control log.jsonl
same "the file is still there" 1 "$(head -n 1 log.jsonl | grep -c '"id":1')"
expect "no folder" 78 'create the folder' "$WEIR" run p.weir --control no/such/c.sock
expect "a path that is too long" 78 '107 bytes' "$WEIR" run p.weir --control "$(head -c 200 /dev/zero | tr '\0' x)"

# ---- clients that misbehave ----

rows=$(wc -l <all.jsonl)
timeout 60 python3 "$root/tests/tools/nuisance.py" c.sock 4 &
nuisance=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do row 9; sleep 0.2; done
wait $nuisance
same "bad clients find it running" 0 $?
same "rows went on" "$rows" "$(wc -l <all.jsonl)"
wait_for '"$WEIR" set c.sock most=50 2>/dev/null'
same "and it still listens" 'most: int = 50' "$("$WEIR" get c.sock | grep '^most')"
same "garbage has set nothing" 'least: int = 3' "$("$WEIR" get c.sock | grep '^least')"
kill -TERM $pid
wait $pid
same "it ends well" 0 $?
same "and takes its socket away" "" "$(ls c.sock 2>/dev/null)"

# ---- what depends on a parameter: initial values of a state ----

cat >state.weir <<'END'
param base: int = 10
type P { id int  user string  ts timestamp }
source p: P { from file("log.jsonl", follow: true) format json time ts delay 0s bad drop late drop }
stream seen: { user string, n int }
state profile by user keep 1h {
  n    int = base
  on p { n = profile.n + 1 }
}
rule all { on p by user when id > 0 emit seen { user, n: profile.n } }
sink seen { to file("o.jsonl") format json }
END
: >log.jsonl
second=0
event() {                                 # USER: one more; the next one lets it out
  echo "{\"id\":1,\"user\":\"$1\",\"ts\":\"2026-01-01T00:00:$((10 + second))Z\"}" >>log.jsonl
  second=$((second + 1))
}
start "$WEIR" run state.weir
event ann; event ann; event ann
wait_for '[ "$(wc -l <o.jsonl)" = 2 ]'
expect "set what a state begins with" 0 "" "$WEIR" set c.sock base=100
event bob; event ann; event bob; event end
wait_for '[ "$(wc -l <o.jsonl)" = 6 ]'
same "new keys begin with the new value, old ones keep theirs" "ann 10,ann 11,ann 12,bob 100,ann 13,bob 101" \
  "$(sed 's/{"user":"\(.*\)","n":\([0-9]*\)}/\1 \2/' o.jsonl | paste -sd,)"
kill -TERM $pid
wait $pid

# ---- a socket left behind, and a built binary ----

"$WEIR" build p.weir -o p
: >log.jsonl
start ./p --quiet
kill -KILL $pid
wait $pid 2>/dev/null
same "a killed run leaves its socket" 1 "$([ -S c.sock ] && echo 1)"
expect "nobody answers there" 66 'no run answers' "$WEIR" get c.sock
start ./p --quiet
wait_for '"$WEIR" get c.sock >out 2>&1'
same "the next one takes its place" 'least: int = 1' "$(grep '^least' out)"
expect "set, a built binary" 0 "" "$WEIR" set c.sock least=50
rows=0
row 49
row 51
same "a built binary sees it" 51 "$(sed -n 's/{"id":\([0-9]*\).*/\1/p' o.jsonl)"
rm c.sock
python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("c.sock")'
kill -TERM $pid
wait $pid
same "a socket that is not its own stays" 1 "$([ -S c.sock ] && echo 1)"
exit $failed
