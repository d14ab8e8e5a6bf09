#!/bin/sh
# bin/zkServer.sh [--config DIRECTORY] start|start-foreground|stop|restart|status|version|print-cmd|print-classpath|check [zoo.cfg]
# As Apache ZooKeeper's: ZOOCFGDIR, ZOOCFG, ZOO_LOG_DIR, ZOO_LOG_FILE, ZOOPIDFILE, ZK_SERVER_HEAP (MB), SERVER_JVMFLAGS, JVMFLAGS,
# ZOO_DATADIR_AUTOCREATE_DISABLE and JAVA_HOME count; ZOOCFGDIR/zookeeper-env.sh and ZOOCFGDIR/java.env are sourced. There is no JMX.
set -eu
house=$(readlink -f "$0") && house=${house%/bin/*}
. "$house/bin/.java"
. "$house/bin/.conf"
shift "$shifted"

usage() {
    echo "usage: $0 [--config DIRECTORY] start|start-foreground|stop|restart|status|version|print-cmd|print-classpath|check [zoo.cfg]" >&2
    exit 2
}

command=${1:-}
config=$(config_file "${2:-${ZOOCFG:-zoo.cfg}}")

need_config() {
    [ -r "$config" ] || { echo "$0: cannot read $config; config/zoo_sample.cfg is one to begin with" >&2 && exit 1; }
    echo "Using config: $config" >&2
    data=$(key dataDir)
    pid_file=${ZOOPIDFILE:-$data/zookeeper_server.pid}
}

# Puts the command line into the arguments.
prepare() {
    . "$house/bin/.build"
    heap=
    [ -z "${ZK_SERVER_HEAP:-}" ] || heap=-Xmx${ZK_SERVER_HEAP}m
    autocreate=
    asked=
    [ -z "${ZOO_DATADIR_AUTOCREATE_DISABLE:-}" ] || autocreate=-Dzookeeper.datadir.autocreate=false
}

# Runs `$1` before the command line of a server: exec, echo, or what puts it into the background.
with_server() {
    # The flags are lists of words.
    # shellcheck disable=SC2086
    "$@" "$JAVA_HOME/bin/java" "@$jvm_options" ${cache:+"$cache"} '-Xlog:aot*=off' '-Xlog:cds*=off' \
        $heap ${SERVER_JVMFLAGS:-} ${JVMFLAGS:-} $autocreate -cp "$jar" io.loomkeeper.server.Main $asked "$config"
}

is_running() {
    [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null
}

in_background() {
    nohup "$@" >>"$log_file" 2>&1 </dev/null &
    echo $! >"$pid_file"
}

start() {
    if is_running; then
        echo "$0: already running as process $(cat "$pid_file")" >&2
        exit 1
    fi
    prepare
    logs=${ZOO_LOG_DIR:-$house/logs}
    mkdir -p "$logs" "$(dirname "$pid_file")"
    log_file=$logs/${ZOO_LOG_FILE:-zookeeper-${USER:-$(id -un)}-server-$(uname -n).out}
    printf 'Starting zookeeper ... '
    touch "$log_file"
    begin=$(wc -c <"$log_file")
    with_server in_background
    for _ in $(seq 50); do
        ! tail -c "+$((begin + 1))" "$log_file" | grep -q ' ready at ' || break
        is_running || break
        sleep 0.1
    done
    if is_running; then
        echo STARTED
    else
        echo "FAILED TO START; see $log_file" && tail -n 3 "$log_file" >&2
        exit 1
    fi
}

stop() {
    printf 'Stopping zookeeper ... '
    if [ ! -f "$pid_file" ]; then
        echo "no zookeeper to stop (could not find file $pid_file)"
        return
    fi
    pid=$(cat "$pid_file")
    kill "$pid" 2>/dev/null || :
    # it forces its log and hands over before it ends
    for _ in $(seq 300); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    ! kill -0 "$pid" 2>/dev/null || { echo "process $pid does not end" && exit 1; }
    rm -f "$pid_file"
    echo STOPPED
}

# What speaks TLS alone is not asked from here: its process is looked for.
status_without_port() {
    port=$(key secureClientPort)
    [ -n "$port" ] || { echo "Client port not found. Terminating." && exit 1; }
    echo "Client port found: $port. Client address: localhost. Client SSL: true."
    if is_running; then
        echo "Running as process $(cat "$pid_file"); the admin server knows its mode."
        exit 0
    fi
    echo "It is probably not running."
    exit 1
}

status() {
    port=$(key clientPort)
    address=$(key clientPortAddress)
    if [ -z "$port" ]; then
        # the part of our own line behind its semicolon, here or in the file of the members
        id=$(cat "$data/myid" 2>/dev/null || echo 1)
        members=$(key dynamicConfigFile)
        line=$(key "server\.$id" "${members:-$config}")
        part=${line##*;}
        [ "$part" != "$line" ] || status_without_port
        port=${part##*:}
        [ "$part" = "$port" ] || address=${part%:*}
    fi
    case $address in '' | 0.0.0.0 | '[::]' | ::) address=localhost ;; esac
    echo "Client port found: $port. Client address: $address. Client SSL: false."
    mode=$("$house/bin/loomkeeper" status --json "$address:$port" | sed -n 's/.*"mode":"\([^"]*\)".*/\1/p') || :
    if [ -z "$mode" ]; then
        echo "Error contacting service. It is probably not running."
        exit 1
    fi
    echo "Mode: $mode"
}

case $command in
    start) need_config && start ;;
    start-foreground)
        need_config
        prepare
        with_server exec
        ;;
    stop) need_config && stop ;;
    restart)
        need_config
        stop
        start
        ;;
    status) need_config && status ;;
    check)
        need_config
        prepare
        asked=--check
        with_server exec
        ;;
    print-cmd)
        need_config
        prepare
        with_server echo
        ;;
    print-classpath)
        prepare
        echo "$jar"
        ;;
    version)
        prepare
        # shellcheck disable=SC2086
        exec "$JAVA_HOME/bin/java" "@$jvm_options" -cp "$jar" io.loomkeeper.server.Main --version
        ;;
    *) usage ;;
esac
