#!/bin/bash
# explain.sh [WEIR] -- what `weir explain` says of order: each sink's wait and trait with what lowered it, whom
# rows are late for, what states and rules read, where rows are lost. memory.sh shows that the bytes are true.
set -u
cd "$(dirname "$0")/../.."
WEIR=$(realpath "${1:-build/weir}")
export LC_ALL=C
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
failed=0

# program NAME DECLARATIONS: beside two sources, a state of both and a stream that rules emit into.
program() {
  cat >p.weir <<END
type Payment { user string, amount int, ts timestamp }
source payments: Payment { from file("p.jsonl") format json  time ts delay 5s ${idle:-}  late to refused  bad drop }
source logins: { user string, at timestamp } { from file("l.jsonl") format json  time at delay 20s  late drop  bad drop }
stream why = refused | select { user, by: meta.refused_by }
sink why { to blackhole }
stream alerts: { user string, n int }
$2
END
  name=$1
  if ! "$WEIR" explain p.weir >explained 2>&1; then
    echo "FAIL $name"
    sed 's/^/    /' explained
    failed=1
  fi
}
says() {
  if grep -qF -- "$1" explained; then echo "ok $name: $1"; return; fi
  echo "FAIL $name: does not say: $1"
  sed 's/^/    /' explained
  failed=1
}
silent() { ! grep -qF -- "$1" explained || { echo "FAIL $name: says: $1"; failed=1; }; }

state='state profile by user keep 30d { n int = 0  text string?  on payments { n = profile.n + 1 }  on logins { text = "in" } }'
sink='sink alerts { to blackhole }'
plain='rule plain { on payments by user when amount > 1 emit alerts { user, n: 1 } }'
reads='rule reads { on payments by user when profile.n > 1 emit alerts { user, n: profile.n } }'

program "one rule" "$plain $sink"
says "alerts: append-only, exact"
says "wait: at least 5s behind payments"
silent "behind logins, "
says "rows of payments that are late for plain: go to refused"
says "bad rows of payments: dropped, counted"
says "rows whose evaluation fails: counted and left out"

program "a state of two streams" "$state $plain $reads $sink errors to failed stream f = failed | select { at } sink f { to blackhole }"
says "sequencer payments: its"             # plain waits for no login: only the stream of both does
says "sequencer payments+logins: its"
says "wait: at least 5s behind payments, 20s behind logins"
says "bad rows of logins: dropped, counted"
says "state profile by user, kept 30d after its last write"
says "read by: reads"
says ", by user, reads profile"
says "plus the text of keys over 12 bytes, plus what is in text"
says "rows of payments that are late for plain, reads, profile: go to refused"
says "rows of logins that are late for profile: dropped, counted"
says "rows whose evaluation fails: go to failed"

program "rules on two sources" "$state $plain
rule enters { on logins by user when true emit alerts { user, n: profile.n } } $sink"
says "wait of rule plain: at least 5s behind payments"
says "wait of rule enters: at least 5s behind payments, 20s behind logins"

program "a window's end" "rule hourly { on payments by user over tumbling 1h when count() > 1 emit alerts { user, n: count() } } $sink"
says "wait: at least 5s behind payments, once the tumbling window of 1h of hourly is over"

program "several stages" "$plain stream hours = alerts | group by user over tumbling 1h { user, n: count() } sink hours { to blackhole }"
says "hours: append-only, exact"
says "wait: at least 5s behind payments, once the tumbling window of 1h of hours is over"

program "arrival" "rule fast { on payments by user when amount > 1 emit alerts { user, n: 1 } order arrival } $sink"
says "alerts: append-only, best-effort (order arrival of fast)"
says "wait: none"
silent "late for"

program "arrival through a state" "state p by user keep 1d order arrival { n int = 0  on payments { n = p.n + 1 } }
rule r { on payments by user when p.n > 1 emit alerts { user, n: 1 } order arrival } $sink"
says "best-effort (order arrival of"

program "the clock" "stream n = payments | group over tumbling 1m of processing time { n: count() } sink n { to blackhole } $plain $sink"
says "n: append-only, best-effort (n goes by processing time)"
says "alerts: append-only, exact"

idle="idle 30s" program "idle" "$plain $sink"
says "alerts: append-only, replayable (source payments may go idle)"
idle="quiet 5m" program "quiet" "$plain $sink"
says "alerts: append-only, replayable (source payments may go quiet)"

program "limit and shadow" "rule l { on payments by user over sliding 10m when max(amount) > 1 emit alerts { user, n: 1 } limit 2 per user every 15m }
rule s { on payments by user when amount > 1 emit alerts { user, n: 1 } mode shadow } $sink"
says ", by user, over sliding 10m ["
says "limit 2 per user every 15m"
says "firings of rule l over its limit: held back, counted"
says "what rule s would emit: it is in shadow, counted"
says "in shadow: judges and counts, sends nothing"
says "window l ["
says "bytes per event held for aggregates that cannot be taken back"

program "a state of a union and of one of its streams" "stream ins = logins | select { user, ts: at }
stream all = payments | select { user, ts } | union ins
state p by user keep 1d { n int = 0  on all { n = p.n + 1 }  on logins { n = p.n + 10 } }
rule r { on all by user over sliding 1m when count() > p.n emit alerts { user, n: p.n } limit 1 per user every 1m } $sink"
says "read by: r"
says "rows of logins that are late for p, r: dropped, counted"
says "limit 1 per user every 1m"

program "a filter comes before" "stream out = logins | where user != \"\" | group by user over sliding 1m { user, n: count() }
sink out { to blackhole }"
says "where comes before, so that less waits"
exit $failed
