#!/bin/bash
# payments.sh -- sourced by state.sh and bench.sh: a program in the manner of the fraud example (state, rules
# with a sliding window, a grouping), and payments for it, whose time is their record's time.
#
# It reads the topic IN as the group GROUP and writes to the topics OUT and OUT-spend.
payments_program() {
  cat <<EOF
param max_spend: decimal(2) = 2500.00
type Payment { id int, user string, country string, amount decimal(2), ts timestamp }
source payments: Payment {
  from kafka(env("IN"), brokers: env("KAFKA_PLAIN"), group: env("GROUP"),
             options: { "session.timeout.ms": 1500, "heartbeat.interval.ms": 300 })
  format json  time ts delay 5s  bad drop  late drop
}
state profile by user keep 90d {
  n int = 0  total decimal(2) = 0.00  country string? = null  last timestamp? = null
  on payments { n = profile.n + 1  total = profile.total + amount  country = payments.country  last = ts }
}
stream alerts: { user string, reason string, n int, total decimal(2), id int, at timestamp }
rule velocity {
  on payments by user over sliding 20s
  when count() > 2 and sum(amount) > max_spend
  emit alerts { user, reason: "velocity", n: count(), total: sum(amount), id, at: ts }
  limit 3 per user every 1m
}
rule far {
  on payments by user
  when profile.n > 3 and payments.country != profile.country and amount > 400.00
  emit alerts { user, reason: "far", n: profile.n, total: profile.total, id, at: ts }
}
stream spend = payments | group by user over tumbling 1m { user, minute: window.start, total: sum(amount), n: count() }
sink alerts { to kafka(env("OUT"), brokers: env("KAFKA_PLAIN"))  format json  partition by user }
sink spend { to kafka(env("OUT") || "-spend", brokers: env("KAFKA_PLAIN"))  format json }
EOF
}

# payments FROM TO PARTITIONS: lines for `ktool produce -F ptkv`, 20 a second of event time, up to 3 s out of order;
# of 97 users. The same for the same numbers.
payments() {
  awk -v from="$1" -v to="$2" -v parts="$3" 'BEGIN {
    for (i = from; i <= to; i++) {
      x = (i * 7919 + int(i / 13) * 104729) % 1000003
      u = x % 97
      t = 1767225600000 + i * 50 - x % 3000
      printf "%d\t%.0f\tuser%d\t{\"id\":%d,\"user\":\"user%d\",\"country\":\"%s\",\"amount\":%d.%02d,\"ts\":\"%s.%03dZ\"}\n",
        u % parts, t, u, i, u, x % 11 < 9 ? "DE" : "FR", x % 700, x % 100, strftime("%Y-%m-%dT%H:%M:%S", int(t / 1000), 1), t % 1000
    }
  }'
}
# payments_end ID PARTITIONS: one payment in each partition, an hour after the payment ID: closes what was before it.
payments_end() {
  awk -v id="$1" -v parts="$2" 'BEGIN {
    t = 1767225600000 + id * 50 + 3600000
    for (p = 0; p < parts; p++)
      printf "%d\t%.0f\tend\t{\"id\":%d,\"user\":\"end%d\",\"country\":\"DE\",\"amount\":1.00,\"ts\":\"%s.%03dZ\"}\n",
        p, t, id + 1 + p, p, strftime("%Y-%m-%dT%H:%M:%S", int(t / 1000), 1), t % 1000
  }'
}
