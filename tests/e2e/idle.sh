#!/bin/bash
# idle.sh [WEIR] -- sources that fall silent: `idle` drops the delay and stalls nobody, `quiet` lets the
# watermark follow the clock. Sources are followed files; what must come is waited for, however long.
set -u
cd "$(dirname "$0")/../.."
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
failed=0

row() { printf '{"id":%d,"at":"2026-03-01T%sZ"}\n' "$2" "$3" >>"$1"; }

# begin CLAUSES_OF_A CLAUSES_OF_B: counts per minute over the union of files a and b, into out
begin() {
  rm -f out
  cat >t.weir <<END
type T { id int, at timestamp }
source a: T { from file("a", follow: true) format json time at $1 bad drop }
source b: T { from file("b", follow: true) format json time at $2 bad drop }
stream u = a | union b
stream o = u | group over tumbling 1m { start: window.start, n: count() }
sink o { to file("out") format json }
END
  "$WEIR" run t.weir --quiet 2>err &
  pid=$!
}

# awaits NAME PATTERN: a line that matches comes
awaits() {
  for _ in $(seq 600); do
    if grep -qE -- "$2" out 2>/dev/null; then echo "ok $1"; return; fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "FAIL $1: no line $2"
  cat out err 2>/dev/null | sed 's/^/    /'
  failed=1
}

# lacks NAME PATTERN: no line that matches has come, also after a second more
lacks() {
  sleep 1
  if ! kill -0 "$pid" 2>/dev/null; then echo "FAIL $1: the run has ended"; failed=1
  elif grep -qE -- "$2" out 2>/dev/null; then echo "FAIL $1: a line $2"; failed=1
  else echo "ok $1"; fi
}

end() {
  kill -INT "$pid" 2>/dev/null
  wait "$pid"
  pid=
}

: >a; : >b
row a 1 08:00:01; row a 2 08:01:30; row b 3 08:00:10; row b 4 08:01:20
begin "delay 1h idle 100ms" "delay 1h idle 100ms"
awaits "idle drops the delay" 'T08:00:00Z","n":2'
lacks "and no more than that" 'T08:01:00Z'
row a 5 08:03:00
row b 6 08:02:30
awaits "rows go on where they were" 'T08:01:00Z","n":2'
end

: >a; : >b
row a 1 08:00:01; row a 2 08:01:30; row b 3 08:00:10
begin "delay 0s" "delay 0s"
lacks "without idle a silent source holds the others" 'start'
row b 4 08:02:00
awaits "until it speaks" 'T08:00:00Z","n":2'
end

: >a; : >b
row a 1 08:00:01; row a 2 08:01:30; row b 3 08:00:10
begin "delay 0s" "delay 0s idle 100ms"
awaits "an idle source holds nobody" 'T08:00:00Z","n":2'
end

: >a; : >b
row a 1 08:00:59.9; row b 3 08:00:59.8
begin "delay 1h idle 50ms quiet 50ms" "delay 1h idle 50ms quiet 50ms"
awaits "with quiet the watermark follows the clock" 'T08:00:00Z","n":2'
end

: >a; : >b
row a 1 08:00:59.9; row b 3 08:00:59.8
begin "delay 1h idle 50ms quiet hold" "delay 1h idle 50ms quiet hold"
lacks "with quiet hold it does not" 'start'
end
exit $failed
