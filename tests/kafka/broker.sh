#!/bin/bash
# broker.sh start|stop|kill|restart|wait DIR -- a real Apache Kafka on loopback: one node that is broker
# and controller, all that it has in DIR.
#
#   start    makes users, certificates and storage in DIR (which must not hold a broker), picks free ports,
#            starts the broker and waits until it answers; again on a stopped DIR: starts it as it was
#   stop     an orderly shutdown; kill: with SIGKILL; restart: stop (if it runs), start
#   wait     until the broker answers
#
# DIR/env says where it is, as NAME=value lines: see `write_env`. The users are app and admin, each with a
# password of its own for SCRAM-SHA-512 and PLAIN in DIR/USER.password. DIR/{text,ssl,mtls,scram,plain}.conf
# are the settings of librdkafka for each listener. DIR/log is what the broker says.
# With KAFKA_OWNER=PID the broker is killed when process PID is gone, however it went.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
jars=$root/build/kafka/lib
KTOOL=${KTOOL:-$root/build/ktool}
JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java
seconds=${KAFKA_SECONDS:-90}              # for a start, and for a stop

die() { echo "broker.sh: $*" >&2; exit 1; }
usage() { sed -n '2,15s/^# \{0,1\}//p' "$0" >&2; exit 2; }

[ $# = 2 ] || usage
mkdir -p "$2" || exit 1
dir=$(cd "$2" && pwd)

pid() { cat "$dir/pid" 2>/dev/null; }
# A process number may belong to somebody else by now: ours has DIR's settings on its command line.
running() {
  local p
  p=$(pid) && [ -n "$p" ] && tr '\0' '\n' <"/proc/$p/cmdline" 2>/dev/null | grep -qxF "$dir/server.properties"
}

# ---- what a broker needs before its first start ----

# A port where nobody listens, below the range from which outgoing connections take theirs.
ports_taken=" "
free_port() {
  while :; do
    port=$((RANDOM % 12000 + 20000))
    case $ports_taken in *" $port "*) continue ;; esac
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
    ports_taken="$ports_taken$port "
    return
  done
}

pick_ports() {
  free_port; plain=$port
  free_port; ssl=$port
  free_port; mtls=$port
  free_port; sasl=$port
  free_port; controller=$port
}

authority() {                             # NAME: a certificate that signs others
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=$1" \
    -addext basicConstraints=critical,CA:TRUE -keyout "$1.key" -out "$1.pem"
}
certificate() {                           # NAME EXTENSIONS: signed by ca
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" &&
    printf '%s\n' "$2" >"$1.ext" &&
    openssl x509 -req -days 3650 -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -extfile "$1.ext" -out "$1.pem"
}
make_certificates() {
  mkdir -p "$dir/certs" && cd "$dir/certs" || exit 1
  { authority ca && authority stranger &&
    certificate server subjectAltName=DNS:localhost,IP:127.0.0.1 &&
    certificate client extendedKeyUsage=clientAuth &&
    cat server.key server.pem >server.both; } >openssl.log 2>&1 || { cat openssl.log >&2; die "openssl made no certificates"; }
  cd "$root" || exit 1
}

make_users() {
  local user
  for user in app admin; do
    (umask 077; openssl rand -hex 12 >"$dir/$user.password") || die "openssl gave no random number"
  done
}

write_properties() {
  cat >"$dir/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$plain,CONTROLLER://127.0.0.1:$controller,SSL://127.0.0.1:$ssl,MTLS://127.0.0.1:$mtls,SASL_SSL://127.0.0.1:$sasl
advertised.listeners=PLAINTEXT://127.0.0.1:$plain,SSL://localhost:$ssl,MTLS://localhost:$mtls,SASL_SSL://localhost:$sasl
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,MTLS:SSL,SASL_SSL:SASL_SSL
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$dir/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=100
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
log.cleaner.backoff.ms=1000
log.cleaner.dedupe.buffer.size=4194304
broker.heartbeat.interval.ms=300
broker.session.timeout.ms=2000
num.network.threads=2
num.io.threads=2
ssl.keystore.type=PEM
ssl.keystore.location=$dir/certs/server.both
ssl.truststore.type=PEM
ssl.truststore.location=$dir/certs/ca.pem
listener.name.mtls.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_app="$(cat "$dir/app.password")" user_admin="$(cat "$dir/admin.password")";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
END
}

write_env() {
  cat >"$dir/env" <<END
KAFKA_DIR=$dir
KAFKA_PLAIN=127.0.0.1:$plain
KAFKA_SSL=localhost:$ssl
KAFKA_MTLS=localhost:$mtls
KAFKA_SASL_SSL=localhost:$sasl
KAFKA_CA=$dir/certs/ca.pem
KAFKA_OTHER_CA=$dir/certs/stranger.pem
KAFKA_CLIENT_CERT=$dir/certs/client.pem
KAFKA_CLIENT_KEY=$dir/certs/client.key
KAFKA_USER=app
KAFKA_PASSWORD_FILE=$dir/app.password
KAFKA_ADMIN_USER=admin
KAFKA_ADMIN_PASSWORD_FILE=$dir/admin.password
END
}

# The settings of a client, for `ktool -f`.
write_clients() {
  local tls="ssl.ca.location=$dir/certs/ca.pem" user mechanism
  echo "bootstrap.servers=127.0.0.1:$plain" >"$dir/text.conf"
  printf '%s\n' "bootstrap.servers=localhost:$ssl" security.protocol=ssl "$tls" >"$dir/ssl.conf"
  printf '%s\n' "bootstrap.servers=localhost:$mtls" security.protocol=ssl "$tls" \
    "ssl.certificate.location=$dir/certs/client.pem" "ssl.key.location=$dir/certs/client.key" >"$dir/mtls.conf"
  user=$(printf '%s\n' sasl.username=app "sasl.password=$(cat "$dir/app.password")")
  for mechanism in SCRAM-SHA-512 PLAIN; do
    (umask 077; printf '%s\n' "bootstrap.servers=localhost:$sasl" security.protocol=sasl_ssl "$tls" \
      sasl.mechanism=$mechanism "$user" >"$dir/$(case $mechanism in PLAIN) echo plain ;; *) echo scram ;; esac).conf")
  done
}

jvm() {                                   # HEAP: the command line of Java up to the class, in $java
  java=("$JAVA" -Xms"$1" -Xmx"$1" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData
    -Djava.awt.headless=true -Dlog4j.configuration="file:$here/log4j.properties" -cp "$jars/*")
}

format_storage() {
  local user id
  set --
  for user in app admin; do
    set -- "$@" --add-scram "SCRAM-SHA-512=[name=$user,password=$(cat "$dir/$user.password")]"
  done
  id=$(openssl rand 15 | base64 | tr '+/' '-_')   # 22 characters, of which the first is no dash
  rm -rf "$dir/data"
  jvm 128m
  "${java[@]}" kafka.tools.StorageTool format -t "A${id}A" -c "$dir/server.properties" "$@" >"$dir/format.log" 2>&1 ||
    { cat "$dir/format.log" >&2; die "the storage could not be formatted"; }
}

prepare() {
  rm -rf "$dir/certs" "$dir/data"
  pick_ports
  make_users
  make_certificates
  write_properties
  write_clients
  format_storage
  write_env                               # last: a DIR that has it is complete
}

# ---- running ----

answers() { "$KTOOL" -b "$(sed -n 's/^KAFKA_PLAIN=//p' "$dir/env")" -T 2 list >/dev/null 2>"$dir/wait.log"; }

wait_for() {
  local end=$((SECONDS + seconds))
  until grep -q 'Kafka Server started' "$dir/log" && answers; do
    running || return 1
    [ $SECONDS -lt $end ] || { echo "broker.sh: no answer in $seconds s: $(cat "$dir/wait.log")" >&2; return 1; }
    sleep 0.1
  done
}

# Kills the broker once the owner is gone, so that a test which is itself killed leaves nothing behind.
guard() {                                 # OWNER BROKER
  while kill -0 "$1" 2>/dev/null; do
    [ "$(pid)" = "$2" ] && running || return
    sleep 1
  done
  [ "$(pid)" != "$2" ] || ! running || kill -KILL "$2" 2>/dev/null
}

launch() {
  local p
  : >"$dir/log"
  jvm 256m
  (cd "$dir" && exec "${java[@]}" kafka.Kafka "$dir/server.properties") >"$dir/log" 2>&1 </dev/null &
  p=$!
  echo $p >"$dir/pid"
  until running || ! kill -0 $p 2>/dev/null; do sleep 0.02; done   # from the fork to the exec
  [ -z "${KAFKA_OWNER:-}" ] || guard "$KAFKA_OWNER" $p >/dev/null 2>&1 </dev/null &
}

start() {
  local try
  [ -d "$jars" ] || die "no jars in build/kafka/lib: tests/kafka/fetch.sh fetches them"
  [ -x "$KTOOL" ] || die "no $KTOOL: make build/ktool"
  ! running || die "a broker runs in $dir already (process $(pid)); stop it first"
  trap 'kill_it; exit 130' INT TERM HUP
  for try in 1 2 3; do
    fresh=
    [ -f "$dir/env" ] || { fresh=1; prepare; }
    launch
    wait_for && { trap - INT TERM HUP; return; }
    kill_it
    # somebody took a port between the look and the bind: a fresh broker may have others
    [ -n "$fresh" ] && grep -q 'Address already in use' "$dir/log" || break
    rm -f "$dir/env"
  done
  tail -n 30 "$dir/log" >&2
  die "the broker did not start (attempt $try); the end of its log stands above"
}

gone() {                                  # waits until the broker's process has ended
  local end=$((SECONDS + seconds))
  while running; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
  rm -f "$dir/pid"
}
kill_it() { ! running || kill -KILL "$(pid)" 2>/dev/null; gone; }
stop() {
  running || { rm -f "$dir/pid"; return; }
  kill -TERM "$(pid)" 2>/dev/null
  gone || { kill_it; die "the broker did not stop in $seconds s and was killed"; }
}

case $1 in
  start) start ;;
  stop) stop ;;
  kill) running || die "no broker runs in $dir"; kill_it ;;
  restart) stop; start ;;
  wait) running || die "no broker runs in $dir"; wait_for || die "the broker in $dir does not answer" ;;
  *) usage ;;
esac
