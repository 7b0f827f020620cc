#!/bin/bash
# cli.sh [WEIR] -- the command line as a user meets it: wrong use, files that are not there, full disks,
# closed pipes, ctrl-C, and what a built binary does on a machine without Weir.
set -u
cd "$(dirname "$0")/../.."
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C
dir=$(mktemp -d)
trap 'chmod -R u+rwx "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
failed=0

# expect NAME CODE PATTERN COMMAND...: the exit code, and an extended regular expression in the output
# (both streams; "" matches silence only).
expect() {
  local name=$1 code=$2 pattern=$3 got
  shift 3
  timeout 60 "$@" >out 2>&1 </dev/null
  got=$?
  if [ $got != "$code" ]; then
    echo "FAIL $name: exit code $got, not $code"
    sed 's/^/    /' out
    failed=1
  elif { [ -z "$pattern" ] && [ -s out ]; } || ! grep -qE -- "$pattern" out; then
    [ -z "$pattern" ] && [ ! -s out ] && { echo "ok $name"; return; }
    echo "FAIL $name: the output does not match: $pattern"
    sed 's/^/    /' out
    failed=1
  else
    echo "ok $name"
  fi
}

# same NAME EXPECTED GOT
same() {
  if [ "$2" = "$3" ]; then echo "ok $1"; return; fi
  printf 'FAIL %s\n    expected: %s\n    got:      %s\n' "$1" "$2" "$3"
  failed=1
}

cat >good.weir <<'END'
param least: int = 1 check least between 0 and 100
type T { id int  ts timestamp }
source s: T { from file("-") format json time ts bad drop late drop }
stream o = s | where id >= least | group over tumbling 1m { start: window.start, n: count() }
sink o { to file("-") format json }
END
cat >bad.weir <<'END'
type T { id int }
source s: T { from file("-") format json bad drop }
stream o = s | where idd > 1
sink o { to file("-") format json }
END
cat >copy.weir <<'END'
type T { id int }
source s: T { from file("in.jsonl") format json bad drop }
sink s { to file("/dev/full") format json }
END
cat >forever.weir <<'END'
type T { id int  name string }
source s: T { from generate() }
sink s { to file("-") format json }
END
echo '{"id":5,"ts":"2026-01-01T00:00:00Z"}' >in.jsonl

# ---- wrong use ----

expect "no command" 64 "Usage: weir COMMAND" "$WEIR"
expect "help" 0 "Usage: weir COMMAND" "$WEIR" --help
expect "unknown command" 64 "there is no command rnu" "$WEIR" rnu
expect "version" 0 "^weir [0-9]+\.[0-9]+" "$WEIR" version
expect "version as an option" 0 "^weir [0-9]+\.[0-9]+" "$WEIR" --version
for c in run build check explain; do
  expect "$c --help" 0 "^Usage: weir $c " "$WEIR" $c --help
  expect "$c without a program" 64 "hint: weir $c --help" "$WEIR" $c
  expect "$c, unknown option" 64 "unknown option" "$WEIR" $c good.weir --frobnicate
  expect "$c, two programs" 64 "one program at a time" "$WEIR" $c good.weir bad.weir
  expect "$c, no such file" 66 "nothing.weir.*No such file" "$WEIR" $c nothing.weir
  expect "$c, a folder" 66 "(directory|folder)" "$WEIR" $c .
  expect "$c, a wrong program" 65 "bad.weir:3:22: error.*idd" "$WEIR" $c bad.weir
done
expect "new --help" 0 "^Usage: weir new " "$WEIR" new --help
expect "version --help" 0 "^Usage: weir version" "$WEIR" version --help
expect "new without a name" 64 "which name" "$WEIR" new
expect "run, option without value" 64 "without its value: --set" "$WEIR" run good.weir --set
expect "build, option without value" 64 "without its value: -o" "$WEIR" build good.weir -o
expect "run, wrong tier" 64 "jit or native, not fast" "$WEIR" run good.weir --tier fast
expect "run, wrong dump" 64 "-d takes" "$WEIR" run good.weir -d everything
expect "run, batch of 0" 64 "--batch takes" "$WEIR" run good.weir --batch 0
expect "run, batch of words" 64 "--batch takes" "$WEIR" run good.weir --batch=many
expect "run, wrong memory" 64 "--memory takes" "$WEIR" run good.weir --memory lots
expect "run, two threads" 64 "one thread" "$WEIR" run good.weir --threads 2
expect "run, no folder for the state" 64 "--state takes a folder" "$WEIR" run good.weir --state=
expect "run, no duration between checkpoints" 64 "--checkpoint-every takes a duration" "$WEIR" run good.weir --state st --checkpoint-every often
expect "run, checkpoints of nothing" 64 "about --state" "$WEIR" run good.weir --drop profile
expect "run, standard input and state" 78 "cannot be read a second time" "$WEIR" run good.weir --state st
expect "set without =" 64 "least" "$WEIR" run good.weir --set least
expect "set of no parameter" 64 "mots" "$WEIR" run good.weir --set mots=5
expect "set of another type" 64 "least" "$WEIR" run good.weir --set least=abc
expect "set outside its check" 64 "least between 0 and 100" "$WEIR" run good.weir --set least=101
expect "run --help lists parameters" 0 "least +default 1" "$WEIR" run good.weir --help
printf 'a\0b' >nul.weir
expect "a program that is not text" 65 "nul.weir" "$WEIR" check nul.weir
: >empty.weir
expect "an empty program" 0 "" "$WEIR" check empty.weir
if [ "$(id -u)" != 0 ]; then
  cp good.weir secret.weir
  chmod 0 secret.weir
  expect "unreadable program" 66 "Permission denied" "$WEIR" run secret.weir
fi

# ---- check --json: one object a line ----

"$WEIR" check --json bad.weir >out 2>&1
same "check --json" 1 "$(grep -cE '^\{.*"line": ?3.*\}$' out)"

# ---- input and output ----

cat >missing.weir <<'END'
type T { id int }
source s: T { from file("nowhere.jsonl") format json bad drop }
sink s { to file("-") format json }
END
expect "no input file" 66 "nowhere.jsonl: No such file" "$WEIR" run missing.weir
sed 's/nowhere.jsonl/none-*.jsonl/' missing.weir >pattern.weir
expect "no file matches" 66 "no file matches" "$WEIR" run pattern.weir
sed 's/nowhere.jsonl/./' missing.weir >folder.weir
expect "a folder as input" 74 "directory" "$WEIR" run folder.weir
expect "full disk" 74 "No space left.*|whole records" "$WEIR" run copy.weir
sed 's,/dev/full,no/such/folder/out,' copy.weir >nofolder.weir
expect "no folder for the output" 74 "create the folder" "$WEIR" run nofolder.weir
same "standard input and output" '{"start":"2026-01-01T00:00:00Z","n":1}' "$("$WEIR" run good.weir --quiet <in.jsonl)"
same "--set" '' "$("$WEIR" run good.weir --quiet --set least=6 <in.jsonl)"
"$WEIR" run good.weir <in.jsonl >/dev/full 2>out
same "standard output is full" 74 $?
expect "input that is closed" 74 "standard input" bash -c "'$WEIR' run good.weir <&-"

# The reader goes away: the run ends at once, quietly and well, however endless its input.
set -o pipefail
timeout 30 "$WEIR" run forever.weir --quiet 2>err | head -n 1 >out
same "broken pipe" "0 " "$? $(cat err)"
same "broken pipe, one row" 1 "$(wc -l <out)"
set +o pipefail

# Memory: a hard limit with a message.
cat >memory.weir <<'END'
type T { id int }
source s: T { from generate(count: 3000000, fields: { id: sequence() }) }
stream o = s | group by id over tumbling 1h of processing time { id, n: count() }
sink o { to blackhole() }
END
expect "memory limit" 70 "--memory" "$WEIR" run memory.weir --memory 4MB --quiet

# ---- ctrl-C: the input ends, windows close, everything is written; twice: at once ----

wait_for() { for _ in $(seq 400); do eval "$1" && return 0; sleep 0.05; done; return 1; }
listens() { [ $((0x0$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) & 2)) != 0 ]; }
ends() {                                  # the exit code of a process that should end by now
  wait_for "! grep -qs '^State:.[RSD]' /proc/$1/status" || kill -KILL "$1"
  wait "$1"
}

mkfifo pipe
{ cat good.weir
  echo 'stream seen = s | select { id }'
  echo 'sink seen { to file("seen.jsonl") format json }'
} >watched.weir
"$WEIR" run watched.weir --quiet <pipe >stopped.out 2>stopped.err &
pid=$!
exec 9>pipe
cat in.jsonl >&9
wait_for '[ -s seen.jsonl ]'
kill -INT $pid
ends $pid
same "ctrl-C ends with 0" 0 $?
same "ctrl-C closes windows" '{"start":"2026-01-01T00:00:00Z","n":1}' "$(cat stopped.out)"
exec 9>&-

sed 's/file("-") format json time/file("log.jsonl", follow: true) format json time/' good.weir >follow.weir
sed -i 's/to file("-")/to file("followed.jsonl")/' follow.weir
cp in.jsonl log.jsonl
"$WEIR" run follow.weir --quiet 2>followed.err &
pid=$!
wait_for 'listens $pid'
echo '{"id":6,"ts":"2026-01-01T00:05:00Z"}' >>log.jsonl
wait_for '[ -s followed.jsonl ]'
same "follow: results come while it runs" '{"start":"2026-01-01T00:00:00Z","n":1}' "$(cat followed.jsonl)"
kill -TERM $pid
ends $pid
same "follow: a signal ends it well" "0 2" "$? $(wc -l <followed.jsonl)"

sed 's/file("-") format json }/blackhole() }/' forever.weir >endless.weir
"$WEIR" run endless.weir >endless.out 2>&1 &
pid=$!
wait_for 'listens $pid'
sleep 0.2
kill -INT $pid
ends $pid
same "ctrl-C on an endless source" 0 $?
same "the summary says what was done" 1 "$(grep -c 'rows read' endless.out)"

# ---- new ----

expect "new" 0 "" bash -c "'$WEIR' new first >/dev/null"
same "new makes a program that runs" 0 "$(cd first && "$WEIR" run first.weir --quiet >/dev/null 2>&1; echo $?)"
expect "new touches nothing that exists" 73 "exist" "$WEIR" new first
expect "new with a path" 64 "no name" "$WEIR" new ../x

# ---- build: a binary of its own ----

expect "build" 0 "" "$WEIR" build good.weir
same "a built binary gives the same" '{"start":"2026-01-01T00:00:00Z","n":1}' "$(./good --quiet <in.jsonl)"
expect "a built binary's --help" 0 "least +default 1" ./good --help
expect "a built binary, unknown option" 64 "unknown option" ./good --frobnicate
mkdir far away
mv good far/
same "a built binary alone, without an environment" '{"start":"2026-01-01T00:00:00Z","n":1}' \
  "$(cd away && env -i ../far/good --quiet <../in.jsonl)"
same "it needs the C library only" "" "$(ldd far/good | grep -vE 'linux-vdso|libc\.so|libm\.so|ld-linux|libasan|libubsan|libgcc_s')"
expect "build -o" 0 "" "$WEIR" build good.weir -o far/other
expect "build --emit-c" 0 "" "$WEIR" build good.weir -o emitted --emit-c
same "--emit-c leaves the C" 1 "$(grep -c 'wr_program weir_program' emitted.c)"
expect "build would replace the program" 64 "would replace" bash -c "cp good.weir plain; '$WEIR' build plain"
expect "build into no folder" 73 "No such file" "$WEIR" build good.weir -o no/such/folder/x
expect "build onto a folder" 73 "far" "$WEIR" build good.weir -o far

# No compiler: a message that says what to do; `run` needs none.
expect "build without a compiler" 69 "no C compiler" env PATH=/nonexistent CC= "$WEIR" build good.weir -o nocc
same "nothing half-written" "" "$(ls nocc* 2>/dev/null)"
same "run needs no compiler" '{"start":"2026-01-01T00:00:00Z","n":1}' "$(PATH=/nonexistent "$WEIR" run good.weir --quiet <in.jsonl)"
printf '#!/bin/sh\nexit 1\n' >failing-cc
chmod +x failing-cc
expect "build with a compiler that fails" 70 "compiler" env CC="$PWD/failing-cc" "$WEIR" build good.weir -o failed
same "nothing half-written when it fails" "" "$(ls failed* 2>/dev/null)"
expect "build keeps the old binary when it fails" 70 "" bash -c "cp far/other kept; env CC='$PWD/failing-cc' '$WEIR' build good.weir -o kept >/dev/null 2>&1; code=\$?; cmp far/other kept && exit \$code"
expect "no folder for temporary files" 73 "TMPDIR" env TMPDIR=/nonexistent "$WEIR" build good.weir -o nowhere

# The C of a program is the same each time, wherever it is compiled.
"$WEIR" run good.weir -d c >one.c
"$WEIR" run good.weir -d c >two.c
same "generated C is deterministic" "" "$(diff one.c two.c)"
exit $failed
