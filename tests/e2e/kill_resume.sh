#!/bin/bash
# kill_resume.sh [WEIR] -- kill -9 at random moments, again and again: what is written in the end is byte for
# byte what an undisturbed run writes (one partition, file to file), or the same rows (several partitions, several
# sources: which of them is read first may differ). KILLS kills a program, 40 by default.
#
# A life is a few milliseconds at random; when one gets nowhere (a slow machine) the next ones are longer.
# SEED chooses the moments; a failure prints it.
set -u
cd "$(dirname "$0")/../.."
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C TZ=UTC
KILLS=${KILLS:-40}
SEED=${SEED:-$RANDOM}
RANDOM=$SEED
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0

cat >make.weir <<'END'
type T { id int  user string  amount decimal(2)  x float  ts timestamp }
source s: T {
  from generate(count: 60000, step: 10ms, disorder: 3s, seed: 7,
                fields: { ts: time(), user: pattern("user-##-with-a-long-name"), amount: uniform(0.00, 900.00) })
  time ts delay 1s bad drop late drop
}
sink s { to file("in.jsonl") format json }
END
"$WEIR" run make.weir --quiet || { echo "FAIL cannot make the input"; exit 1; }
sed -i '0~997s/"user"/"usr"/; 0~4001s/.$//' in.jsonl          # some bad rows, some damage

head='type T { id int  user string  amount decimal(2)  x float  ts timestamp }
source s: T { from file("in.jsonl") format json  time ts delay 1s  bad to wrong  late to behind }
sink wrong { to file("wrong.jsonl") format json }
sink behind { to file("behind.jsonl") format json }'

cat >windows.weir <<END
$head
stream t = s | group by user over tumbling 7s
  { user, start: window.start, n: count(), total: sum(amount), mean: avg(x), f: first(id), l: last(user) }
stream h = s | group by k: mod(id, 5) over hopping 20s every 5s
  { k, start: window.start, d: count(distinct user), sd: stddev(x), q: quantile(x, 0.5), top: top_k(user, 3), a: approx_distinct(id) }
stream c = s | group by k: mod(id, 3) over cumulative 60s every 20s { k, until: window.end, ids: collect(id, max: 5), m: max(user) }
stream b = s | where mod(id, 40) < 2 | group by user over session 4s
  { user, start: window.start, until: window.end, n: count(), who: max_by(id, amount), v: variance(amount) }
sink t { to file("t.jsonl") format json }
sink h { to file("h.csv") format csv }
sink c { to file("c.jsonl") format json }
sink b { to file("b.jsonl", append: true) format json }
END

cat >rules.weir <<END
$head
stream alerts: { user string, n int, total decimal(2), c int, most decimal(2) }
state profile by user keep 5m {
  n int = 0  total decimal(2) = 0.00  seen timestamp? = null
  on s { n = n + 1  total = total + s.amount  seen = s.ts }
}
rule big {
  on s by user over sliding 20s
  when profile.n > 3 and count() > 1
  emit alerts { user, n: profile.n, total: profile.total, c: count(), most: max(amount) }
  limit 2 per user every 30s
}
stream m = alerts | group over tumbling 1m { start: window.start, n: count() }
sink alerts { to file("alerts.jsonl") format json }
sink m { to file("minutes", roll: { size: 2KB }) format json }
END

# Rules that are ordered over several partitions and sources: the order of equal files' rows is not the input's.
sed -n '1~2p' in.jsonl >in-1.jsonl; sed -n '2~2p' in.jsonl >in-2.jsonl
cat >parts.weir <<END
type T { id int  user string  amount decimal(2)  x float  ts timestamp }
source s: T { from file("in-*.jsonl", partitions: "files") format json  time ts delay 1s  bad to wrong  late to behind }
sink wrong { to file("wrong.jsonl") format json }
sink behind { to file("behind.jsonl") format json }
stream alerts: { user string, n int, total decimal(2), c int, l string? }
param least: int = 3
state profile by user keep 5m {
  n int = 0  total decimal(2) = 0.00
  on s { n = n + 1  total = total + s.amount }
}
rule big {
  on s by user over sliding 20s
  when profile.n > least and count() > 1
  emit alerts { user, n: profile.n, total: profile.total, c: count(), l: max(user) }
  limit 2 per user every 30s
}
stream h = s | group by user over hopping 20s every 5s { user, start: window.start, n: count(), f: first(id), total: sum(amount) }
sink alerts { to file("alerts.jsonl") format json }
sink h { to file("h.jsonl") format json }
END

cat >sources.weir <<END
type T { id int  user string  amount decimal(2)  x float  ts timestamp }
source a: T { from file("in-1.jsonl") format json  time ts delay 1s  bad drop  late drop }
source b: T { from file("in-2.jsonl") format json  time ts delay 4s  bad drop  late drop }
stream told: { user string, n int, m int, t timestamp }
state both by user keep 2m {
  n int = 0  m int = 0  seen timestamp? = null
  on a { n = n + 1  seen = a.ts }
  on b { m = m + 1  seen = b.ts }
}
rule even { on b by user when mod(both.n, 2) = 0 emit told { user, n: both.n, m: both.m, t: b.ts } }
rule odd { on a by user over sliding 10s when mod(both.m, 3) = 1 and count() > 1 emit told { user, n: both.n, m: count(), t: a.ts } limit 1 per user every 7s }
sink told { to file("told.jsonl") format json }
END

# Which rolled file a row is in may depend on timing (decisions, 22): they are compared as one.
keep() {
  rm -rf "$1"; mkdir "$1"
  outputs | grep -v minutes- | xargs -I{} cp {} "$1"/
  cat minutes-* >"$1/minutes" 2>/dev/null
}
outputs() { find . -maxdepth 1 \( -name '*.jsonl' -o -name '*.csv' -o -name 'minutes*' \) ! -name 'in*.jsonl' | sort; }
number() { ls state 2>/dev/null | sed -n 's/^checkpoint-0*\([0-9]\)/\1/p' | sort -n | tail -1; }

# through NAME: one run to the end with kills in between; gives their number in $kills
through() {
  local most=30 was now code
  rm -rf state
  outputs | xargs -r rm
  kills=0
  while :; do
    was=$(number)
    { timeout --foreground -s KILL "0.$(printf %03d $((8 + RANDOM % most)))" "$WEIR" run "$1.weir" --state state \
      --checkpoint-every 2ms --batch 3 --quiet >log 2>&1; } 2>/dev/null
    code=$?
    case $code in
    0) return 0 ;;
    137) kills=$((kills + 1)) ;;
    124) ;;                               # it ended by itself just as it was to be killed
    *) echo "FAIL $1: a resumed run ended badly, with $code (SEED=$SEED)"; sed 's/^/    /' log; failed=1; return 1 ;;
    esac
    now=$(number)
    if [ "${now:-0}" = "${was:-0}" ] && [ $most -lt 900 ]; then most=$((most + most / 4)); fi
  done
}

sort_all() { local f; for f in "$1"/*; do sort -o "$f" "$f"; done; }

# try NAME [rows]: rows: in any order
try() {
  local name=$1 order=${2:-} all=0
  outputs | xargs -r rm
  "$WEIR" run "$name.weir" --quiet || { echo "FAIL $name: the undisturbed run"; failed=1; return; }
  keep want
  [ -z "$order" ] || sort_all want
  [ "$(cat want/* | wc -l)" -gt 1000 ] || { echo "FAIL $name: it writes next to nothing"; failed=1; }
  while [ $all -lt "$KILLS" ]; do
    through "$name" || return
    all=$((all + kills))
    keep got
    [ -z "$order" ] || sort_all got
    if ! diff -rq want got >log 2>&1; then
      echo "FAIL $name: after $kills kills the output differs (SEED=$SEED)"
      sed 's/^/    /' log
      failed=1
      return
    fi
    [ "$kills" != 0 ] || all=$((all + 1))   # too quick to be hit: it must not try for ever
  done
  echo "ok $name, killed $all times"
}

try windows
try rules
try parts rows
try sources rows
exit $failed
