#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Starts and stops the servers of queues for tests, each in a directory of its own, on a free port of 127.0.0.1.
set -euo pipefail

usage() {
    cat >&2 <<'END'
Usage: queue_servers.sh start redis|nats|nats_tls|rabbitmq|moto|pubsub_double|service_bus_double DIRECTORY
           starts it and writes DIRECTORY/port, and where it has TLS, DIRECTORY/tls_port and DIRECTORY/ca.pem
       queue_servers.sh remove DIRECTORY
           stops what runs there and removes the directory
END
    exit 2
}

(($# >= 2)) || usage
command=$1

# Ports that are free together; whoever takes one before the server does makes the start fail, and it is tried again.
free_ports() {
    python3 -c '
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in sockets])' "$1"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# launch COMMAND...: in the background, its process id in DIRECTORY/pid.
launch() {
    setsid "$@" >"$directory/log" 2>&1 </dev/null &
    echo $! >"$directory/pid"
}

running() { kill -0 "$(cat "$directory/pid")" 2>/dev/null; }

# Until the server answers at the port; a server that has ended or is late has failed.
await() {
    local port=$1 end=$((SECONDS + 90))
    shift
    until listens "$port" && "$@"; do
        running && ((SECONDS < end)) || return 1
        read -rt 0.1 <> <(:) || true
    done
}

# A certificate for 127.0.0.1, which is its own root.
make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout "$directory/key.pem" -out "$directory/ca.pem" 2>/dev/null
}

start_redis() {
    local port tls_port
    read -r port tls_port < <(free_ports 2)
    make_certificate
    launch redis-server --bind 127.0.0.1 --port "$port" --dir "$directory" --save '' --appendonly no \
        --tls-port "$tls_port" --tls-cert-file "$directory/ca.pem" --tls-key-file "$directory/key.pem" \
        --tls-ca-cert-file "$directory/ca.pem" --tls-auth-clients no
    await "$port" true && echo "$tls_port" >"$directory/tls_port" && echo "$port" >"$directory/port"
}

start_nats() {
    local port
    port=$(free_ports 1)
    launch nats-server --addr 127.0.0.1 --port "$port" --jetstream --store_dir "$directory/store"
    await "$port" true && echo "$port" >"$directory/port"
}

# TLS is for all of a NATS server or for nothing.
start_nats_tls() {
    local port
    port=$(free_ports 1)
    make_certificate
    launch nats-server --addr 127.0.0.1 --port "$port" --jetstream --store_dir "$directory/store" \
        --tls --tlscert "$directory/ca.pem" --tlskey "$directory/key.pem"
    await "$port" true && echo "$port" >"$directory/tls_port"
}

rabbitmq_environment() {
    local port distribution epmd tls_port
    if [[ -f $directory/environment ]]; then
        # shellcheck source=/dev/null
        source "$directory/environment"
        return
    fi
    read -r port distribution epmd tls_port < <(free_ports 4)
    make_certificate
    echo "$tls_port" >"$directory/tls_port"
    cat >"$directory/environment" <<END
export HOME=$directory/home RABBITMQ_NODENAME=nexpo-test-$port@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
export RABBITMQ_NODE_PORT=$port RABBITMQ_DIST_PORT=$distribution ERL_EPMD_PORT=$epmd ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_MNESIA_BASE=$directory/mnesia RABBITMQ_LOG_BASE=$directory/logs RABBITMQ_LOGS=-
export RABBITMQ_ENABLED_PLUGINS_FILE=$directory/enabled_plugins RABBITMQ_CONFIG_FILE=$directory/rabbitmq
export RABBITMQ_CONF_ENV_FILE=$directory/no_env RABBITMQ_PID_FILE=$directory/node.pid
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 2:2'
END
    # shellcheck source=/dev/null
    source "$directory/environment"
    mkdir -p "$HOME"
    echo '[].' >"$directory/enabled_plugins"
    : >"$directory/no_env"
    printf '%s\n' 'loopback_users = none' 'vm_memory_high_watermark.relative = 0.9' 'disk_free_limit.absolute = 1MB' \
        "listeners.ssl.default = 127.0.0.1:$tls_port" "ssl_options.cacertfile = $directory/ca.pem" \
        "ssl_options.certfile = $directory/ca.pem" "ssl_options.keyfile = $directory/key.pem" \
        'ssl_options.verify = verify_none' \
        >"$directory/rabbitmq.conf"
}

start_rabbitmq() {
    local rabbitmq
    rabbitmq=$(ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin | tail -n 1)
    rabbitmq_environment
    launch "$rabbitmq/rabbitmq-server"
    # The port is open before the first start has finished.
    await "$RABBITMQ_NODE_PORT" grep -q 'Server startup complete' "$directory/log" &&
        echo "$RABBITMQ_NODE_PORT" >"$directory/port"
}

# A stand-in for Amazon SQS, from PyPI into NEXPO_TEST_TOOLS, once.
start_moto() {
    local port tools=${NEXPO_TEST_TOOLS:?is where moto is installed}
    if [[ ! -x $tools/moto/bin/moto_server ]]; then
        rm -rf "$tools/moto"
        python3 -m venv "$tools/moto"
        "$tools/moto/bin/pip" install --quiet --disable-pip-version-check 'moto[server]==5.2.5'
    fi
    port=$(free_ports 1)
    launch "$tools/moto/bin/moto_server" --host 127.0.0.1 --port "$port"
    await "$port" true && echo "$port" >"$directory/port"
}

# Stand-ins of our own for what cannot be had: see doubles/.
start_pubsub_double() {
    start_double "$directory/key.json"
}

start_service_bus_double() {
    start_double
}

start_double() {
    local port
    port=$(free_ports 1)
    launch /usr/bin/python3 -B "${BASH_SOURCE[0]%/*}/doubles/$kind.py" "$port" "$@"
    await "$port" true && echo "$port" >"$directory/port"
}

stop() {
    local pid epmd=
    [[ -f $directory/pid ]] || return 0
    pid=$(cat "$directory/pid")
    # The server is the leader of its session, and of a group with what it started.
    kill -KILL -- "-$pid" 2>/dev/null || true
    if [[ -f $directory/environment ]]; then
        rabbitmq_environment
        epmd=$(command -v epmd || ls /usr/lib/erlang/bin/epmd)
        "$epmd" -port "$ERL_EPMD_PORT" -kill >/dev/null 2>&1 || true
    fi
    rm -f "$directory/pid"
}

case $command in
    start)
        (($# == 3)) || usage
        kind=$2 directory=$3
        [[ $kind =~ ^(redis|nats|nats_tls|rabbitmq|moto|pubsub_double|service_bus_double)$ ]] || usage
        for _ in 1 2 3; do
            mkdir -p "$directory"
            "start_$kind" && exit 0
            tail -n 20 "$directory/log" >&2
            stop
            rm -rf "$directory"
        done
        exit 1
        ;;
    remove)
        directory=$2
        stop
        rm -rf "$directory"
        ;;
    *) usage ;;
esac
