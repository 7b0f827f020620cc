#!/bin/bash
# metrics.sh [WEIR] -- metrics and health over HTTP: the format, the numbers, who may ask, and what a run
# says that starts, is stuck or stops. Servers are on loopback, at ports that the system chooses.
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
has() {                                   # NAME PATTERN FILE
  if grep -qE -- "$2" "$3"; then echo "ok $1"; return; fi
  echo "FAIL $1: no match for: $2"
  sed 's/^/    /' "$3"
  failed=1
}
refused() {                               # NAME CODE PATTERN ARGUMENTS...
  local name=$1 code=$2 pattern=$3
  shift 3
  timeout 60 "$WEIR" run once.weir "$@" >out 2>&1 </dev/null
  same "$name: exit code" "$code" $?
  has "$name" "$pattern" out
}
wait_for() { for _ in $(seq 600); do eval "$1" && return 0; sleep 0.05; done; echo "    waited in vain: $1"; return 1; }

# start ERR PROGRAM ARGUMENTS...: in the background; sets pid and port
start() {
  local err=$1
  shift
  : >"$err"                               # the port of the run before must not be found
  "$@" 2>"$err" &
  pid=$!
  pids="$pids $pid"
  wait_for "grep -q 'metrics at' '$err' || ! kill -0 $pid 2>/dev/null"
  port=$(sed -n 's,.*metrics at http://.*:\([0-9]*\)/metrics,\1,p' "$err")
}
get() { curl -s -m 20 "http://127.0.0.1:$port$1"; }
status() { curl -s -m 20 -o /dev/null -w '%{http_code}' "$@"; }
# value PAGE SERIES: of one sample, as it stands
value() { awk -v s="$2 " 'index($0, s) == 1 { print $NF }' "$1"; }

cat >follow.weir <<'END'
param least: int = 1 check least between 0 and 100
param wait: duration = 90s
type T { id int  ts timestamp }
source events: T { from file("log.jsonl", follow: true) format json time ts delay 0s bad drop late drop }
stream o = events | where id >= least | select { id, inverse: 100 / id }
sink o { to file("o.jsonl") format json }
stream w = events | group by id over tumbling 1m { id, n: count() }
sink w { to file("w.jsonl") format json }
table names: { id int, name string } key id { from file("names.csv") format csv bad drop }
stream named = events | join names on id
sink named { to blackhole }
END
printf 'id,name\n5,five\n50,fifty\n' >names.csv
sed 's/, follow: true//' follow.weir >once.weir
cat >log.jsonl <<'END'
{"id":5,"ts":"2026-01-01T00:00:00Z"}
not a record
{"id":6,"ts":"2026-01-01T00:02:00Z"}
{"id":7,"ts":"2026-01-01T00:00:01Z"}
END

# ---- the page ----

start err "$WEIR" run follow.weir --metrics 127.0.0.1:0 --set least=0 --memory 1GB
same "port 0 takes a free one and says which" 1 "$([ -n "$port" ] && echo 1)"
wait_for '[ "$(status http://127.0.0.1:$port/readyz)" = 200 ]'
wait_for 'get /metrics >page; [ "$(value page "weir_source_rows_total{source=\"events\"}")" = 3 ]'
same "the format" "" "$(python3 "$root/tests/tools/prom.py" page)"
same "rows read" 3 "$(value page 'weir_partition_rows_total{source="events",partition="0"}')"
same "bytes read" "$(wc -c <log.jsonl)" "$(value page 'weir_partition_bytes_total{source="events",partition="0"}')"
same "records that do not decode" 1 "$(value page 'weir_source_bad_total{source="events",reason="decode"}')"
same "they belong to a partition, too" 1 "$(value page 'weir_partition_bad_total{source="events",partition="0"}')"
same "late rows" 1 "$(value page 'weir_source_late_total{source="events"}')"
same "late rows of the partition" 1 "$(value page 'weir_partition_late_total{source="events",partition="0"}')"
same "late rows of the grouping" 1 "$(value page 'weir_group_late_total{group="w"}')"
same "keys of the grouping" 1 "$(value page 'weir_group_keys{group="w"}')"
same "records of a table" 2 "$(value page 'weir_table_records{table="names"}')"
same "lookups without a match" 2 "$(value page 'weir_table_misses_total{table="names"}')"
same "rows dropped for it" 2 "$(value page 'weir_table_dropped_rows_total{table="names"}')"
same "the watermark" 1767225720.000000 "$(value page 'weir_source_watermark_timestamp_seconds{source="events"}')"
same "rows written" 3 "$(value page 'weir_sink_rows_total{sink="o"}')"
wait_for '[ "$(wc -l <o.jsonl)" = 3 ]'
same "bytes written" "$(wc -c <o.jsonl)" "$(value page 'weir_sink_bytes_total{sink="o"}')"
same "a parameter" 0 "$(value page 'weir_param_value{param="least"}')"
same "a duration in seconds" 90.000000 "$(value page 'weir_param_value{param="wait"}')"
same "the memory limit" 1073741824 "$(value page 'weir_heap_limit_bytes')"
echo '{"id":0,"ts":"2026-01-01T00:02:00Z"}' >>log.jsonl
wait_for 'get /metrics >page; grep -q "^weir_operator_failed_total{.*kind=\"select\",name=\"o\".*} 1$" page'
has "rows that failed, by operator" 'kind="select",name="o",line="5"} 1$' page
get /metrics >page2
same "counters never fall" "" "$(python3 - "$root/tests/tools" page page2 <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import prom
a, b = (prom.parse(open(p).read())[0] for p in sys.argv[2:])
for name, (kind, samples) in a.items():
    for labels, v in samples.items():
        if kind == 'counter' and b[name][1].get(labels, -1) < v:
            print(name, labels)
END
)"

# Every family that the page has is explained, and nothing is explained that it has not.
same "docs/operations.md explains the families" "$(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' page | sort)" \
  "$(sed -n 's/^| `\(weir_[a-z_]*\)`.*/\1/p' "$root/docs/operations.md" | sort)"
# Rules and queries name families that exist.
same "the rules of docs/operations.md name metrics that exist" "" \
  "$(grep -oE '\bweir_[a-z_]+[a-z]\b' "$root/docs/operations.md" | sort -u | grep -vxFf <(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' page))"

# ---- HTTP ----

same "healthz" ok "$(get /healthz)"
same "readyz" ready "$(get /readyz)"
same "another path" 404 "$(status http://127.0.0.1:$port/)"
same "POST" 405 "$(status -d x http://127.0.0.1:$port/metrics)"
same "DELETE" 405 "$(status -X DELETE http://127.0.0.1:$port/metrics)"
curl -s -m 20 -I "http://127.0.0.1:$port/metrics" >head
has "HEAD" '^HTTP/1.1 200' head
has "the content type" '^Content-Type: text/plain; version=0.0.4' head
same "a name that resolves to loopback is not loopback" 403 "$(status -H 'Host: evil.example' http://127.0.0.1:$port/metrics)"
same "localhost is" 200 "$(status -H "Host: localhost:$port" http://127.0.0.1:$port/metrics)"
same "a head that is too long" 431 "$(status -H "X: $(head -c 40000 /dev/zero | tr '\0' x)" http://127.0.0.1:$port/metrics)"
printf 'nonsense\0\r\n\r\n' >"/dev/tcp/127.0.0.1/$port"
exec 8<>"/dev/tcp/127.0.0.1/$port"        # says nothing: others are served all the same
same "a silent connection holds nobody up" 200 "$(status http://127.0.0.1:$port/metrics)"
exec 8>&-
refused "the port is taken" 78 'the port is taken' --metrics "127.0.0.1:$port"

kill -TERM $pid
wait $pid
same "a run with metrics ends well" 0 $?

# ---- several partitions ----

mkdir parts
echo '{"id":1,"ts":"2026-01-01T00:00:01Z"}' >parts/a.jsonl
printf '{"id":2,"ts":"2026-01-01T00:00:05Z"}\nbad\n{"id":30,"ts":"2026-01-01T00:00:06Z"}\n' >parts/b.jsonl
sed 's,"log.jsonl","parts/*.jsonl"\, partitions: "files",' follow.weir >parts.weir
start err "$WEIR" run parts.weir --metrics 127.0.0.1:0
wait_for 'get /metrics >page; [ "$(value page "weir_source_rows_total{source=\"events\"}")" = 3 ]'
for k in 0 1; do
  for what in rows_total bytes_total bad_total watermark_timestamp_seconds; do
    echo "$what $k $(value page "weir_partition_$what{source=\"events\",partition=\"$k\"}")"
  done
done >got
same "each partition has numbers of its own" "rows_total 0 1,bytes_total 0 $(wc -c <parts/a.jsonl),bad_total 0 0,\
watermark_timestamp_seconds 0 1767225601.000000,rows_total 1 2,bytes_total 1 $(wc -c <parts/b.jsonl),bad_total 1 1,\
watermark_timestamp_seconds 1 1767225606.000000" "$(paste -sd, got)"
same "the source's watermark is the least" 1767225601.000000 \
  "$(value page 'weir_source_watermark_timestamp_seconds{source="events"}')"
kill -TERM $pid
wait $pid

# ---- rules and what they keep ----

cat >rules.weir <<'END'
type P { id int  user string  ts timestamp }
source p: P { from file("p.jsonl", follow: true) format json time ts delay 0s bad drop late drop }
stream alerts: { user string, n int }
state profile by user keep 1h {
  n int = 0
  on p { n = profile.n + 1 }
}
rule many {
  on p by user over sliding 1m
  when count() > 1
  emit alerts { user, n: count() }
  limit 1 per user every 15m
}
rule odd {
  on p by user
  when 100 / id > 1
  emit alerts { user, n: profile.n }
  mode shadow
}
sink alerts { to file("alerts.jsonl") format json }
END
i=0
for id in 1 2 3 0 5; do
  echo "{\"id\":$id,\"user\":\"a\\\"b\",\"ts\":\"2026-01-01T00:00:0${i}Z\"}"
  i=$((i + 1))
done >p.jsonl
echo '{"id":9,"user":"bob","ts":"2026-01-01T00:00:10Z"}' >>p.jsonl
start err "$WEIR" run rules.weir --metrics 127.0.0.1:0
wait_for 'get /metrics >page; [ "$(value page "weir_rule_evaluated_total{rule=\"many\"}")" = 5 ]'
same "the format, with rules" "" "$(python3 "$root/tests/tools/prom.py" page)"
same "fired" 4 "$(value page 'weir_rule_fired_total{rule="many"}')"
same "suppressed" 3 "$(value page 'weir_rule_suppressed_total{rule="many"}')"
same "errors" 1 "$(value page 'weir_rule_errors_total{rule="odd"}')"
same "a shadow rule" "1 0" "$(value page 'weir_rule_shadow{rule="odd"}') $(value page 'weir_rule_shadow{rule="many"}')"
same "keys of a state" 1 "$(value page 'weir_state_keys{state="profile"}')"
same "events of a window" 5 "$(value page 'weir_sliding_events{window="many"}')"
same "keys of a limit" 1 "$(value page 'weir_limit_keys{rule="many"}')"
same "rows that wait" 1 "$(value page 'weir_sequencer_rows{sequencer="p"}')"
for what in weir_state_bytes weir_sliding_bytes weir_limit_bytes weir_sequencer_bytes; do
  same "$what is known" 1 "$(awk -v n="$what" 'index($0, n "{") == 1 && $NF > 100' page | wc -l)"
done
same "no value of the data is a label" 0 "$(grep -c 'bob' page)"
kill -TERM $pid
wait $pid

# ---- who may ask ----

refused "an address that others reach" 64 'needs a token.*' --metrics 0.0.0.0:0
refused "and of the other family" 64 'needs a token' --metrics '[::]:0'
has "the hint says how" 'hint: --metrics-token-file' out
refused "no port" 64 'an address and a port' --metrics 127.0.0.1
refused "a name" 64 'an address and a port' --metrics example.org:80
refused "a port that is none" 64 'an address and a port' --metrics 127.0.0.1:65536
printf 'correct-horse-battery' >token
refused "a token that others can read" 78 'chmod 600' --metrics 127.0.0.1:0 --metrics-token-file token
chmod 600 token
refused "an address of another machine" 78 'does not have the address' --metrics 192.0.2.1:0 --metrics-token-file token
refused "no token file" 78 'No such file' --metrics 127.0.0.1:0 --metrics-token-file nowhere
refused "a token file without --metrics" 64 'without --metrics' --metrics-token-file token
printf 'short\n' >short; chmod 600 short
refused "a short token" 78 'at least 16' --metrics 127.0.0.1:0 --metrics-token-file short
printf 'correct horse battery' >spaces; chmod 600 spaces
refused "a token with spaces" 78 'without spaces' --metrics 127.0.0.1:0 --metrics-token-file spaces

start err "$WEIR" run follow.weir --metrics 0.0.0.0:0 --metrics-token-file token
url=http://127.0.0.1:$port
same "no token" 401 "$(status $url/metrics)"
same "no token, health" 401 "$(status $url/healthz)"
same "a wrong token" 401 "$(status -H 'Authorization: Bearer correct-horse-batterz' $url/metrics)"
same "half a token" 401 "$(status -H 'Authorization: Bearer correct-horse' $url/metrics)"
same "the token" 200 "$(status -H 'Authorization: Bearer correct-horse-battery' $url/metrics)"
kill -TERM $pid
wait $pid

# ---- a library that is not there ----

if cc -shared -fPIC -o nolib.so -xc - 2>/dev/null <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
void *dlopen(const char *name, int flags)
{
  void *(*real)(const char *, int) = dlsym(RTLD_NEXT, "dlopen");
  return name && strstr(name, "libmicrohttpd") ? 0 : real(name, flags);
}
END
then
  LD_PRELOAD=$PWD/nolib.so "$WEIR" run once.weir --metrics 127.0.0.1:0 >out 2>&1
  same "without libmicrohttpd: exit code" 78 $?
  has "without libmicrohttpd the package is named" 'hint: .*libmicrohttpd12' out
  LD_PRELOAD=$PWD/nolib.so "$WEIR" run once.weir >out 2>&1
  same "without libmicrohttpd and --metrics all is well" 0 $?
fi

# ---- a run that is stuck, and one that stops: nobody reads its output ----

cat >stuck.weir <<'END'
type T { id int  name string }
source s: T { from generate() }
sink s { to file("-") format json }
END
mkfifo pipe
"$WEIR" build stuck.weir -o stuck >/dev/null
exec 7<>pipe                              # a reader that does not read
start err ./stuck --metrics 127.0.0.1:0 >pipe
wait_for '[ "$(status http://127.0.0.1:$port/healthz)" = 503 ]'
same "healthz of a loop that is stuck" 503 "$(status http://127.0.0.1:$port/healthz)"
has "it says for how long" 'has not turned for [0-9]+ s' <(get /healthz)
same "its metrics are still served" 200 "$(status http://127.0.0.1:$port/metrics)"
kill -TERM $pid
same "readyz of one that stops" stopping "$(get /readyz)"
kill -TERM $pid
wait $pid
same "a second signal ends it at once" 130 $?
exec 7>&-
exit $failed
