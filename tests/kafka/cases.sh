#!/bin/bash
# cases.sh -- sourced by the cases that run Weir: programs in the background, waiting, verdicts.
# shellcheck disable=SC2034
ok() { echo "ok $1"; }
fail() {                                  # NAME [FILE with what happened]
  echo "FAIL $1"
  [ -z "${2:-}" ] || tail -n 20 "$2" | sed 's/^/    /'
}
check() {                                 # NAME COMMAND...: it succeeds
  local name=$1
  shift
  if "$@" >check.out 2>&1; then ok "$name"; else fail "$name" check.out; fi
}

# begin NAME PROGRAM [ARGUMENT...]: runs in the background, its errors in NAME.log
pids=
begin() {
  local name=$1
  shift
  "$WEIR" run "$@" >"$name.out" 2>"$name.log" </dev/null &
  eval "pid_$name=$!"
  pids="$pids $!"
}
# finish NAME: as Ctrl-C does; its exit code is $code
finish() {
  eval "local pid=\$pid_$1"
  kill -INT "$pid" 2>/dev/null
  wait "$pid"
  code=$?
}
cleanup() { for p in $pids; do kill -KILL "$p" 2>/dev/null; done; }
trap cleanup EXIT

# until_true SECONDS COMMAND...: asks again and again; false when the time is out
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}
lines() { [ "$(cat "$2" 2>/dev/null | wc -l)" -ge "$1" ]; }   # at least so many in a file
says() { grep -q -- "$1" "$2"; }

# topic NAME PARTITIONS: one that keeps records of any time, long past ones too
topic() { "$KTOOL" create "$1" "$2" retention.ms=-1; }

# refused NAME EXIT TEXT: t.weir ends by itself, with this exit code and message
refused() {
  timeout -k 5 60 "$WEIR" run t.weir >t.out 2>t.log </dev/null
  code=$?
  if [ $code != "$2" ]; then fail "$1: exit $code, not $2" t.log
  elif ! grep -qE -- "$3" t.log || ! grep -q 'hint:' t.log; then fail "$1: no \"$3\" with a hint" t.log
  else ok "$1"; fi
}
