#!/bin/bash
# wtest.sh [WEIR] -- `weir test`: what passes, what fails and how that is said, and the clock of a test.
set -u
cd "$(dirname "$0")/../.."
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C TZ=UTC
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2
failed=0

# gives NAME CODE ARGUMENTS...: weir test ARGUMENTS ends with CODE and prints standard input
gives() {
  local name=$1 code=$2 got
  shift 2
  cat >expected
  timeout 60 "$WEIR" test "$@" >out 2>&1 </dev/null
  got=$?
  if [ $got = "$code" ] && cmp -s expected out; then echo "ok $name"; return; fi
  echo "FAIL $name: exit code $got (expected $code)"
  diff expected out | sed 's/^/    /'
  failed=1
}

# ---- a program with everything: what it reads and writes is not touched ----

cat >fraud.weir <<'END'
param max_spend: decimal(2) = 500.00 check max_spend > 0.00
type Payment {
  id string  user string  country string?  amount decimal(2)  kind enum { purchase, refund } = "purchase"
  site { name string, zone string }?  tags list<string>?  ts timestamp
}
source payments: Payment {
  from file("not/there.jsonl") format json  time ts delay 5s
  check amount > 0 else bad  late to late  bad to bad
}
window recent = sliding 10m
state profile by user keep 90d { n int = 0  on payments { n = profile.n + 1 } }
stream spend = payments | group by user over tumbling 1m { user, minute: window.start, n: count(), total: sum(amount) }
stream alerts: { user string, n int, total decimal(2), before int }
rule velocity {
  on payments by user over recent
  when count() > 1 and sum(amount) > max_spend
  emit alerts { user, n: count(), total: sum(amount), before: profile.n }
  limit 1 per user every 15m
}
stream ratio = payments | select { id, share: float(amount) / (float(amount) - 7.0) }
errors to trouble
sink alerts { to file("alerts.jsonl") format json }
sink spend { to file("spend.jsonl") format json }
sink late { to file("late.jsonl") format json }
sink bad { to file("bad.jsonl") format json }
sink ratio { to file("ratio.jsonl") format json }
sink trouble { to file("trouble.jsonl") format json }
END
cp fraud.weir good.weir
cat >>good.weir <<'END'
test "two payments raise one alert" {
  given payments
    0s { id: "1", user: "ann", amount: 300.00, ts: @2026-01-01T00:00:00Z },
    60s { id: "2", user: "ann", amount: 900, site: { name: "s", zone: "z" }, kind: "refund" },
    61s { id: "3", user: "ann", amount: 900, tags: ["a", "b"] }
  expect alerts { user: "ann", n: 2, total: 1200.00, before: 1 }
  expect payments
    { id: "1", site: null, kind: "purchase", country: null },
    { id: "2", ts: @2026-01-01T00:01:00Z, site: { name: "s", zone: "z" }, kind: "refund" },
    { id: "3", ts: @2026-01-01T00:00:00Z + 61s, tags: ["a", "b"] }
}
test "a higher limit" {
  set max_spend = 5000.00
  given payments 0s { id: "1", user: "ann", amount: 300.00 }, 60s { id: "2", user: "ann", amount: max_spend - 4000.00 }
  expect alerts none
}
test "what is late, bad or fails is set aside" {
  given payments
    0s  { id: "1", user: "ann", amount: 1.00, ts: @2026-01-01T00:00:10Z },
    1s  { id: "2", user: "ann", amount: -1.00 },
    70s { id: "3", user: "bob", amount: 7.00 },
    71s { id: "4", user: "ann", amount: 2.00, ts: @2026-01-01T00:00:11Z }
  expect late { id: "4" }
  expect bad { kind: "check", offset: 1 }
  expect spend { user: "ann", n: 1 }, { user: "bob" }
  expect ratio { id: "1" }, { id: "4" }
  expect trouble { kind: "evaluate", source: "payments", offset: 2, reason: "division by zero" }
}
test "nothing comes of nothing" { expect alerts none  expect spend none }
test "late for whom nothing is expected of" {
  given payments
    70s { id: "1", user: "ann", amount: 1 },
    80s { id: "2", user: "ann", amount: 2, ts: @2026-01-01T00:00:01Z }
  expect late { id: "2" }
}
test "some row" { given payments 0s { id: "1", user: "ann", amount: 1 }  expect spend {} }
END
gives passing 0 good.weir <<'END'
ok      two payments raise one alert
ok      a higher limit
ok      what is late, bad or fails is set aside
ok      nothing comes of nothing
ok      late for whom nothing is expected of
ok      some row
6 passed, 0 failed
END
gives "--only" 0 good.weir --only higher <<'END'
ok      a higher limit
1 passed, 0 failed
END
gives "--only that names none" 64 good.weir --only lower <<'END'
weir test: error: no test has in its name lower
  = hint: weir test --help
END
gives "--verbose" 0 good.weir --verbose --only=two <<'END'
ok      two payments raise one alert
  alerts:
      {"user":"ann","n":2,"total":1200.00,"before":1}
  payments:
      {"id":"1","user":"ann","country":null,"amount":300.00,"kind":"purchase","site":null,"tags":null,"ts":"2026-01-01T00:00:00Z"}
      {"id":"2","user":"ann","country":null,"amount":900.00,"kind":"refund","site":{"name":"s","zone":"z"},"tags":null,"ts":"2026-01-01T00:01:00Z"}
      {"id":"3","user":"ann","country":null,"amount":900.00,"kind":"purchase","site":null,"tags":["a","b"],"ts":"2026-01-01T00:01:01Z"}
  source payments: 3 rows
  rule velocity: judged 3 rows, fired on 2, its limit held back 1
1 passed, 0 failed
END
if ls -- *.jsonl >/dev/null 2>&1; then echo "FAIL sinks are not written: $(ls -- *.jsonl)"; failed=1; else echo "ok sinks are not written"; fi

# ---- what a failure looks like ----

cp fraud.weir wrong.weir
cat >>wrong.weir <<'END'
test "no alert" {
  given payments
    0s { id: "1", user: "ann", amount: 300.00, ts: @2026-01-01T00:00:00Z },
    60s { id: "2", user: "bob", amount: 900.00 },
    61s { id: "3", user: "bob", amount: -900.00 },
    62s { id: "4", user: "ann", amount: 900.00, ts: @2026-01-01T00:00:01Z }
  expect alerts { user: "ann", n: 2 }
}
test "rows that differ" {
  given payments
    0s { id: "1", user: "a", amount: 1 }, { id: "2", user: "b", amount: 2, site: { name: "s", zone: "z" } },
    { id: "3", user: "c", amount: 3 }, { id: "4", user: "d", amount: 4 }, { id: "5", user: "e", amount: 5 },
    { id: "6", user: "f", amount: 6 }
  expect payments { id: "1" }, { id: "2", amount: 2.50, site: { name: "s", zone: "y" } }, { id: "7" }, { id: "3" },
    { id: "4" }, { id: "5" }, { id: "6" }
  expect spend none
}
test "another order" {
  given payments 0s { id: "1", user: "a", amount: 1 }, { id: "2", user: "b", amount: 2 }
  expect spend { user: "b", total: 2 }, { user: "a", total: 1 }
}
test "a refused parameter" { set max_spend = 0.00  expect alerts none }
test "a row that cannot be computed" {
  given payments 0s { id: "1", user: "a", amount: div(1.00, max_spend - 500.00, 2) }
  expect alerts none
}
test "and the next one runs" { expect alerts none }
END
gives failing 1 wrong.weir <<'END'
FAILED  no alert (wrong.weir:28:6)
  alerts (line 34): expected 1 row, got no rows (- expected, + got)
    - {"user":"ann","n":2}   (line 34)
  source payments: 4 rows, 1 failed a check, 1 late
  rule velocity: judged 2 rows, fired on 0
FAILED  rows that differ (wrong.weir:36:6)
  payments (line 41): expected 7 rows, got 6 rows (- expected, + got)
      {"id":"1","user":"a","country":null,"amount":1.00,"kind":"purchase","site":null,"tags":null,"ts":"2026-01-01T00:00:00Z"}
    - {"id":"2","amount":2.50,"site":{"name":"s","zone":"y"}}   (line 41)
    + {"id":"2","user":"b","country":null,"amount":2.00,"kind":"purchase","site":{"name":"s","zone":"z"},"tags":null,"ts":"2026-01-01T00:00:00Z"}
        amount: expected 2.50, got 2.00
        site.zone: expected "y", got "z"
    - {"id":"7"}   (line 41)
      ... 4 rows as expected
  spend (line 43): expected no rows, got 6 rows (- expected, + got)
    + {"user":"a","minute":"2026-01-01T00:00:00Z","n":1,"total":1.00}
    + {"user":"b","minute":"2026-01-01T00:00:00Z","n":1,"total":2.00}
    + {"user":"c","minute":"2026-01-01T00:00:00Z","n":1,"total":3.00}
    + {"user":"d","minute":"2026-01-01T00:00:00Z","n":1,"total":4.00}
    + {"user":"e","minute":"2026-01-01T00:00:00Z","n":1,"total":5.00}
    + {"user":"f","minute":"2026-01-01T00:00:00Z","n":1,"total":6.00}
  source payments: 6 rows
  rule velocity: judged 6 rows, fired on 0
FAILED  another order (wrong.weir:45:6)
  spend (line 47): the rows came in another order than expected (- expected, + got)
    + {"user":"a","minute":"2026-01-01T00:00:00Z","n":1,"total":1.00}
      {"user":"b","minute":"2026-01-01T00:00:00Z","n":1,"total":2.00}
    - {"user":"a","total":1.00}   (line 47)
  source payments: 2 rows
  rule velocity: judged 2 rows, fired on 0
FAILED  a refused parameter (wrong.weir:49:6)
  weir: error: parameter max_spend: its value is refused by its check: max_spend > 0.00
FAILED  a row that cannot be computed (wrong.weir:50:6)
  weir: error: the rows of source payments cannot be computed: wrong.weir:51:51: div(1.00, max_spend - 500.00, 2): division by zero
ok      and the next one runs
1 passed, 5 failed
END

# ---- the clock ----

cat >clock.weir <<'END'
type E { k string, v int, ts timestamp }
type P { k string, v int }
source a: E { from file("-") format json  time ts delay 5s idle 10s quiet 20s  late to late  bad drop }
source b: E { from file("-") format json  time ts delay 5s  late drop  bad drop }
source p: P { from file("-") format json  bad drop }
source strict: P { from file("-") format json  check v > 0 else fail  bad drop }
stream alone = a | group by k over tumbling 10s { k, start: window.start, n: count() }
stream both = a | union b
stream joint = both | group by k over tumbling 10s { k, start: window.start, n: count() }
stream minutes = p | group by k over tumbling 1m of processing time { k, start: window.start, n: count() }
sink alone { to blackhole }
sink joint { to blackhole }
sink minutes { to blackhole }
sink late { to blackhole }
sink strict { to blackhole }
test "rows of several sources come in the order of their times" {
  given a 0s { k: "x", v: 1 }, 20s { k: "x", v: 3 }
  given b 10s { k: "x", v: 2 }, 20s { k: "x", v: 4 }, 5s { k: "y", v: 0 }
  expect both { v: 1 }, { v: 0, ts: @2026-01-01T00:00:05Z }, { v: 2 }, { v: 3 }, { v: 4 }
}
test "a silent source that is idle lets the watermark follow the clock" {
  given a
    0s  { k: "x", v: 1 },
    60s { k: "x", v: 2, ts: @2026-01-01T00:00:01Z }        # 60 - 20 s of quiet: the window is closed
  expect alone { n: 1 }
  expect late { v: 2 }
}
test "one that is not idle yet does not" {
  given a 0s { k: "x", v: 1 }, 9s { k: "x", v: 2, ts: @2026-01-01T00:00:01Z }
  expect alone { n: 2 }
  expect late none
}
test "windows of processing time go by when rows arrive" {
  given p
    @2026-05-01T10:00:30Z { k: "x", v: 1 },
    { k: "x", v: 2 },
    @2026-05-01T10:01:30Z { k: "x", v: 3 },
    300d { k: "x", v: 4 }
  expect minutes
    { start: @2026-05-01T10:00:00Z, n: 2 }, { start: @2026-05-01T10:01:00Z, n: 1 },
    { start: @2027-02-25T10:00:00Z, n: 1 }
}
test "the clock starts at the first row's own time" {
  given a 1m { k: "x", v: 1, ts: @2020-02-29T12:01:00Z }, 61s { k: "y", v: 1 }
  expect a { k: "x" }, { k: "y", ts: @2020-02-29T12:01:01Z }
}
test "fail ends the run" {
  given strict { k: "x", v: 1 }, { k: "y", v: 0 }, { k: "z", v: 1 }
  expect strict { k: "x" }
}
END
gives "the clock" 1 clock.weir <<'END'
ok      rows of several sources come in the order of their times
ok      a silent source that is idle lets the watermark follow the clock
ok      one that is not idle yet does not
ok      windows of processing time go by when rows arrive
ok      the clock starts at the first row's own time
FAILED  fail ends the run (clock.weir:47:6)
  weir: error: source strict: record 1 fails the check v > 0
    = hint: rows before it have been processed; `check … else s` would set it aside
  source strict: 3 rows, 1 failed a check
5 passed, 1 failed
END

# ---- which tests ----

{ echo 'import "clock.weir"'; echo 'test "mine" { given p { k: "x", v: 1 }  expect p { k: "x" } }'; } >importing.weir
gives "tests of an imported file are its own" 0 importing.weir <<'END'
ok      mine
1 passed, 0 failed
END
gives "no tests" 0 fraud.weir <<'END'
fraud.weir has no tests
0 passed, 0 failed
END
gives "no program" 66 none.weir <<'END'
weir: error[E0101]: cannot read none.weir: No such file or directory
1 error
END

# many rows: more than a batch, and aligned around what differs
{
  echo 'type P { v int }'
  echo 'source p: P { from file("-") format json  bad drop }'
  echo 'stream even = p | where v % 2 = 0'
  echo 'sink even { to blackhole }'
  echo 'test "many" {'
  printf '  given p { v: 0 }'
  for i in $(seq 1 2999); do printf ', { v: %d }' "$i"; done
  printf '\n  expect even { v: 0 }'
  for i in $(seq 2 2 2999); do [ "$i" = 1000 ] || printf ', { v: %d }' "$i"; done
  printf '\n}\n'
} >many.weir
gives "many rows" 1 many.weir <<'END'
FAILED  many (many.weir:5:6)
  even (line 7): expected 1499 rows, got 1500 rows (- expected, + got)
      ... 500 rows as expected
    + {"v":1000}
      ... 999 rows as expected
  source p: 3000 rows
0 passed, 1 failed
END

# too many that differ to be aligned: they are paired in order
{
  echo 'type P { v int }'
  echo 'source p: P { from file("-") format json  bad drop }'
  echo 'sink p { to blackhole }'
  echo 'test "far off" {'
  printf '  given p { v: 0 }'
  for i in $(seq 1 2499); do printf ', { v: %d }' "$i"; done
  printf '\n  expect p { v: 5000 }'
  for i in $(seq 5001 7499); do printf ', { v: %d }' "$i"; done
  printf '\n}\n'
} >far.weir
"$WEIR" test far.weir >out 2>&1
if [ $? = 1 ] && [ "$(wc -l <out)" = 7504 ] && grep -q '^        v: expected 7499, got 2499$' out; then echo "ok far off"
else echo "FAIL far off"; failed=1; fi

# ---- values ----

cat >values.weir <<'END'
type P {
  k string, n int = 3, e enum { red, green }?, d decimal(3), f float, b bytes?, t duration, j json?,
  l list<{ a int, b { c int }? }>, m map<string, int>, s { a int, b { c float }? }?
}
source p: P { from file("-") format json  bad drop }
sink p { to blackhole }
fn half(x int): float = float(x) / 2.0
test "every type goes in and comes out" {
  given p
    { k: "a\"", e: "green", d: 1.5, f: 1, t: 90s, l: [], m: { "x": 1, "y": 2 }, s: { a: 1, b: { c: half(3) } },
      j: cast("{\"a\":[1]}" as json) },
    { k: "b", d: 0.001, f: 0.1, t: 0s, l: [], m: {}, s: if(true, { a: 2, b: { c: half(1) } }, null) },
    { k: "c", d: 0.001, f: 0.1, t: 0s, l: [], m: {}, s: { a: 3 } }
  expect p
    { k: "a\"", n: 3, e: "green", d: 1.500, f: 1.0, t: 1m30s, l: [], m: { "x": 1, "y": 2 },
      s: { a: 1, b: { c: 1.5 } }, j: cast("{\"a\":[1]}" as json) },
    { k: "b", e: null, d: 0.001, f: 0.1, s: { a: 2, b: { c: 0.5 } }, j: null, m: {} },
    { k: "c", s: { a: 3, b: null } }
}
END
gives "every type" 0 values.weir <<'END'
ok      every type goes in and comes out
1 passed, 0 failed
END

"$WEIR" new first >/dev/null && cd first
gives "what weir new makes" 0 first.weir <<'END'
ok      ann's first minute
1 passed, 0 failed
END

# ---- tables: their records are given, no file is read ----

cat >tables.weir <<'END'
type Payment { user string, merchant string, ts timestamp }
source payments: Payment { from file("not/there")  format json  time ts delay 5s  bad drop  late drop }
table risk: { merchant string, score float = 0.5, note string? } key merchant {
  from file("not/there.csv")  format csv  refresh 10m
  check score > 0 else drop  bad drop
}
table empty: { merchant string, x int } key merchant { from file("not/there.csv")  format csv  bad drop }
stream scored = payments | join risk on merchant | left join empty on merchant | select { user, score: risk.score, x: empty.x }
sink scored { to file("scored.jsonl")  format json }
test "the last record of a key counts, and checks apply" {
  given payments { user: "u", merchant: "a" }, 5s { user: "v", merchant: "b" }, 20m { user: "w", merchant: "c" }
  given risk { merchant: "a" }, { merchant: "b", score: 0.9, note: "n" }, { merchant: "a", score: 0.1 },
    { merchant: "c", score: -1.0 }
  expect scored { user: "u", score: 0.1, x: null }, { user: "v", score: 0.9, x: null }
}
test "a table that is given nothing is empty" {
  given payments { user: "u", merchant: "a" }
  expect scored none
}
END
gives "tables in tests" 0 tables.weir <<'END'
ok      the last record of a key counts, and checks apply
ok      a table that is given nothing is empty
2 passed, 0 failed
END

exit $failed
