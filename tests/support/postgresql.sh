#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Starts and stops PostgreSQL servers for tests, each in a directory of its own, on a socket in it.
set -euo pipefail

usage() {
    cat >&2 <<'END'
Usage: postgresql.sh start DIRECTORY [SETTING=VALUE...]   makes a cluster in it if there is none, and starts it
       postgresql.sh standby DIRECTORY OF                 makes and starts a standby of the server in OF
       postgresql.sh stop DIRECTORY [MODE]                MODE: fast (default), immediate, smart
       postgresql.sh promote DIRECTORY                    makes a primary of a standby
       postgresql.sh freeze|thaw DIRECTORY                its processes stand still, and go on
       postgresql.sh remove DIRECTORY                     stops it and removes the directory
END
    exit 2
}

(($# >= 2)) || usage
command=$1
directory=$2
shift 2

binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[[ -n $binaries ]] || { echo "PostgreSQL is not installed" >&2; exit 1; }
# The server refuses to run as root.
as_server=()
((EUID == 0)) && as_server=(setpriv --reuid=postgres --regid=postgres --clear-groups)
export LC_ALL=C.UTF-8
unset "${!PG@}"

run() { "${as_server[@]}" "$binaries/$@"; }

own() {
    mkdir -p "$1"
    ((EUID != 0)) || chown postgres:postgres "$1"
}

control() {  # mode, then options
    run pg_ctl "$1" --pgdata="$directory/data" --wait --timeout=60 --log="$directory/log" --silent "${@:2}" </dev/null
}

start() {
    control start || { tail -n 20 "$directory/log" >&2; exit 1; }
}

cd /
case $command in
    start)
        own "$directory"
        if [[ ! -d $directory/data ]]; then
            run initdb --pgdata="$directory/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
                --no-sync >/dev/null
            {
                echo "unix_socket_directories = '$directory'"
                echo "listen_addresses = ''"
                echo "max_connections = 200"
                echo "fsync = off"
                echo "wal_sync_method = fdatasync"
                echo "max_wal_size = 256MB"
                echo "autovacuum_naptime = 1h"
                for setting in "$@"; do echo "${setting%%=*} = '${setting#*=}'"; done
            } | "${as_server[@]}" tee -a "$directory/data/postgresql.conf" >/dev/null
            start
            port=$(sed -n 4p "$directory/data/postmaster.pid")
            run psql --quiet --host="$directory" --port="$port" --username=postgres --dbname=postgres --command \
                "CREATE ROLE nexpo_owner LOGIN; CREATE ROLE nexpo_app LOGIN;"
        else
            start
        fi
        ;;
    standby)
        (($# == 1)) || usage
        own "$directory"
        run pg_basebackup --host="$1" --username=postgres --pgdata="$directory/data" --write-recovery-conf \
            --checkpoint=fast --no-sync
        echo "unix_socket_directories = '$directory'" |
            "${as_server[@]}" tee -a "$directory/data/postgresql.conf" >/dev/null
        start
        ;;
    stop) control stop --mode="${1:-fast}" ;;
    promote) control promote ;;
    freeze | thaw)
        [[ $command == freeze ]] && signal=STOP || signal=CONT
        postmaster=$(head -n 1 "$directory/data/postmaster.pid")
        kill "-$signal" "$postmaster"
        pkill "-$signal" --parent "$postmaster"
        ;;
    remove)
        [[ ! -f $directory/data/postmaster.pid ]] || control stop --mode=immediate || true
        rm -rf "$directory"
        ;;
    *) usage ;;
esac
