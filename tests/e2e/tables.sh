#!/bin/bash
# tables.sh [WEIR] -- tables that change while a program runs: reloaded files, refused reloads, followed
# files, what is read at start only. What must come is waited for, however long.
set -u
cd "$(dirname "$0")/../.."
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
failed=0

fail() { echo "FAIL $1: $2"; cat out err 2>/dev/null | tail -n 20 | sed 's/^/    /'; failed=1; }

# begin TABLE_CLAUSES: rows of `in` joined with the table, into out
begin() {
  rm -f out err
  cat >t.weir <<END
source rows: { code string } { from file("in", follow: true) format json  bad drop }
table names: { code string, name string } key code { $1  bad to wrong }
stream named = rows | left join names on code | select { code, name: names.name }
stream bad = wrong | select { reason, raw }
sink named { to file("out") format json }
sink bad { to file("bad") format json }
END
  : >in
  "$WEIR" run t.weir 2>err &
  pid=$!
}

ask() { printf '{"code":"%s"}\n' "$1" >>in; }

# becomes NAME CODE PATTERN: asked again and again, the answer comes to match
becomes() {
  for _ in $(seq 600); do
    ask "$2"
    if tail -n 1 out 2>/dev/null | grep -qE -- "$3"; then echo "ok $1"; return; fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  fail "$1" "no answer $3"
}

# says NAME PATTERN [COUNT]: standard error comes to have so many lines that match
says() {
  for _ in $(seq 600); do
    if [ "$(grep -cE -- "$2" err)" -ge "${3:-1}" ]; then
      if [ "$(grep -cE -- "$2" err)" = "${3:-1}" ]; then echo "ok $1"; else fail "$1" "more than ${3:-1} lines $2"; fi
      return
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  fail "$1" "no line $2"
}

end() {
  kill -INT "$pid" 2>/dev/null
  wait "$pid" || fail "end" "exit code $?"
  pid=
}

# a new version takes the old one's place as a whole; the writer renames it into place
table() { printf 'code,name\n' >next; printf '%s\n' "$@" >>next; mv next names.csv; }

table a,one b,one c,one d,one
begin 'from file("names.csv") format csv  refresh 50ms'
becomes "the first version" a '"name":"one"'
table "a,two with a name that is longer than twelve bytes" b,two c,two d,two
becomes "a new version" a '"two with a name that is longer than twelve bytes"'
becomes "all of it" d '"two"'
table a,three
says "a version of less than half is refused" 'table names: not reloaded, 4 records stay as they were: the new version has 1'
becomes "the old one stays" d '"two"'
rm names.csv
says "a missing file is refused" 'table names: not reloaded, 4 records stay as they were: .*cannot open names.csv'
becomes "the old one stays again" a '"two with'
table a,four b,four 'torn,"'
becomes "it comes back" b '"four"'
becomes "and what it lacks is gone" d '"name":null'
sleep 0.3
[ "$(grep -c 'not reloaded' err)" = 2 ] && echo "ok each alarm once" || fail "each alarm once" "$(grep -c 'not reloaded' err)"
grep -q '"raw":"torn' bad && echo "ok bad records of a reload go where bad says" || fail "bad records" "none"
end
grep -qE '^ +[1-9][0-9 ]* versions, one after the other' err && grep -qE 'reloads refused' err &&
  grep -qE 'lookups without a match' err && echo "ok the summary counts them" || fail "summary" "not there"

# static: what was there at start
table a,one
begin 'from file("names.csv") format csv  versions static'
becomes "static" a '"one"'
table a,two
sleep 0.3
becomes "stays" a '"one"'
end

# an input that does not end is loaded to its head, then followed
printf '{"code":"a","name":"one"}\n{"code":"a","name":"two"}\n' >names.jsonl
begin 'from file("names.jsonl", follow: true) format json'
becomes "a followed table is loaded first" a '"two"'
[ "$(head -n 1 out)" = '{"code":"a","name":"two"}' ] && echo "ok before the first row" || fail "before the first row" "$(head -n 1 out)"
printf '{"code":"a","name":"a third name, longer than twelve"}\n{"code":"b","name":"new"}\n' >>names.jsonl
becomes "then followed" a '"a third name'
becomes "new keys too" b '"new"'
end

# many versions under load: every answer is of one version, old or new
for i in $(seq 2000); do echo "k$i,v0"; done >rows; { echo code,name; cat rows; } >names.csv
begin 'from file("names.csv") format csv  refresh 10ms'
becomes "a larger table" k2000 '"v0"'
for v in 1 2 3 4 5; do
  sed "s/,v.*/,v$v/" rows >next.rows; { echo code,name; cat next.rows; } >next; mv next names.csv
  for i in $(seq 1 7 2000); do ask "k$i"; done
  becomes "its version $v" k1 "\"v$v\""
done
end
grep -q '"name":null' out && fail "no version is seen half loaded" "a miss" || echo "ok no version is seen half loaded"
exit $failed
