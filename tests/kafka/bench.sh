#!/bin/bash
# bench.sh [WEIR] -- figures of a stateful program over a real Kafka: rows a second, against the same rows out of
# a file; start to first alert; what checkpoints cost with a million keys. ROWS (2000000) and ROUNDS (3).
#
# Speed is rows by CPU time of the whole process, librdkafka's threads included, and by the clock from the first
# to the last checkpoint, which is a quarter of a second too long at most. docs/performance.md has the figures.
set -u
weir=${1:-build/weir}
. "$(dirname "$0")/setup.sh"
WEIR=$(realpath "$weir")
export WEIR
. "$here/payments.sh"
ROWS=${ROWS:-2000000} ROUNDS=${ROUNDS:-3} PARTS=12
begin_broker || exit 1
cd "$dir" || exit 1
pid=
trap 'kill -KILL $pid 2>/dev/null; cd /; cleanup' EXIT

# clocked COMMAND...: CPU seconds into $cpu and seconds into $wall
clocked() {
  local TIMEFORMAT='%U %S %R'
  { time "$@" >run.out 2>run.log </dev/null; } 2>times
  read -r user sys wall <times
  cpu=$(awk -v a="$user" -v b="$sys" 'BEGIN { print a + b }')
}
rate() { awk -v n="$1" -v t="$2" 'BEGIN { printf "%.2f M rows/s", n / t / 1e6 }'; }
mtime() { stat -c %.3Y "$1"; }
load() { cut -d' ' -f1 /proc/loadavg; }

payments_program >kafka.weir
sed -e '/from kafka/,/options:/c\  from file("in.jsonl")' -e 's/to kafka(env("OUT") || "-spend".*format/to file("spend.jsonl") format/' \
  -e 's/to kafka(env("OUT").*)  format json  partition by user/to file("alerts.jsonl")  format json/' kafka.weir >file.weir
"$WEIR" build kafka.weir -o kafka && "$WEIR" build file.weir -o file || exit 1
echo "# making $ROWS payments"
{ payments 1 "$ROWS" $PARTS; payments_end "$ROWS" $PARTS; } >in.tsv
cut -f4 in.tsv >in.jsonl
"$KTOOL" create in $PARTS retention.ms=-1
"$KTOOL" -T 600 produce -F ptkv in <in.tsv
rm in.tsv
export IN=in

# ---- rows a second ----
over_kafka() {                            # NAME COMMAND...: until all is in a checkpoint
  local name=$1 from to
  shift
  "$KTOOL" create "$name" 3 retention.ms=-1; "$KTOOL" create "$name-spend" 3 retention.ms=-1
  OUT=$name GROUP=$name "$@" --state "$name" --checkpoint-every 250ms --quiet >run.out 2>run.log </dev/null &
  pid=$!
  until [ -e "$name/checkpoint-000000001" ]; do sleep 0.05; done
  from=$(mtime "$name/checkpoint-000000001")
  until "$KTOOL" committed "$name" 2>/dev/null | awk -v all=$((ROWS + PARTS)) '{ n += $3 } END { exit n != all }'; do sleep 1; done
  to=$(mtime "$(ls "$name"/checkpoint-* | tail -n 1)")
  wall=$(awk -v a="$from" -v b="$to" 'BEGIN { print b - a }')
  cpu=$(awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$pid/stat")
  kill -INT $pid; wait $pid
  pid=
  rm -rf "$name"
}
for i in $(seq "$ROUNDS"); do
  over_kafka "jit$i" "$WEIR" run kafka.weir
  echo "Kafka to Kafka, jit, checkpoints each 250 ms:     $(rate "$ROWS" "$wall"), $(rate "$ROWS" "$cpu") of CPU time (load $(load))"
  over_kafka "native$i" ./kafka
  echo "Kafka to Kafka, native, checkpoints each 250 ms:  $(rate "$ROWS" "$wall"), $(rate "$ROWS" "$cpu") of CPU time (load $(load))"
  clocked ./file --quiet
  echo "file to file, native, no checkpoints:             $(rate "$ROWS" "$wall"), $(rate "$ROWS" "$cpu") of CPU time (load $(load))"
done

# ---- start to first alert ----
sed -e 's/to kafka(env("OUT"), .*)  format json  partition by user/to file("-")  format json/' \
  -e 's/to kafka(env("OUT") || .*)  format/to blackhole/; s/to blackhole json/to blackhole/' kafka.weir >first.weir
"$WEIR" build first.weir -o first || exit 1
first() {                                 # NAME COMMAND...
  local name=$1 from to fifo=$1.fifo
  shift
  mkfifo "$fifo"
  from=$(date +%s%N)
  GROUP=$name OUT=x "$@" --quiet >"$fifo" 2>run.log </dev/null &
  pid=$!
  read -r -t 60 line <"$fifo"
  to=$(date +%s%N)
  kill -KILL $pid; wait $pid 2>/dev/null
  pid=
  [ "$line" ] || cat run.log
  echo "start to first alert over Kafka, $name: $(((to - from) / 1000000)) ms (load $(load))"
}
first jit "$WEIR" run first.weir
first native ./first

# ---- checkpoints with a million keys ----
KEYS=${KEYS:-1000000}
cat >many.weir <<EOF
type P { u int, amount decimal(2), ts timestamp }
source s: P { from file("many.jsonl")  format json  time ts }
state profile by u keep all { n int = 0  total decimal(2) = 0.00  last timestamp? = null
  on s { n = profile.n + 1  total = profile.total + amount  last = ts } }
rule r { on s by u  when profile.n > 1000  emit o { u } }
stream o: { u int }
sink o { to blackhole }
EOF
"$WEIR" build many.weir -o many || exit 1
awk -v n=$((KEYS * 6)) -v keys=$KEYS 'BEGIN { for (i = 0; i < n; i++)
  printf "{\"u\":%d,\"amount\":1.25,\"ts\":\"2026-01-%02dT%02d:%02d:%02d.%03dZ\"}\n", (i * 7919) % keys, 1 + i / 864000000, i / 3600000 % 24, i / 60000 % 60, i / 1000 % 60, i % 1000 }' >many.jsonl
many() {                                  # NAME OPTIONS...
  local name=$1
  shift
  rm -rf many.state
  clocked ./many --quiet "$@"
  n=$(ls many.state 2>/dev/null | sed -n 's/^checkpoint-0*//p' | sort -n | tail -1)
  size=$(cat many.state/* 2>/dev/null | wc -c)
  echo "$KEYS keys, six rows each, $name: $wall s, $cpu s of CPU time, ${n:-0} checkpoints, the last two $((size >> 20)) MiB (load $(load))"
}
for i in $(seq "$ROUNDS"); do
  many "no checkpoints"
  many "at start and end" --state many.state --checkpoint-every 1h
  many "each second" --state many.state --checkpoint-every 1s
  many "as often as can be" --state many.state --checkpoint-every 1ms
done
