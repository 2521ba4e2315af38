# shellcheck shell=bash
# What the benchmarks share: a PostgreSQL that flushes like a real one, the program's processes, their CPU and memory.
# Sourced after infra/lib.sh, never run.

# start_durable_cluster: one whose every commit reaches the disk, as it must for anybody's data.
start_durable_cluster() {
    start_cluster fsync=on synchronous_commit=on full_page_writes=on max_connections=200 shared_buffers=512MB max_wal_size=4GB
}

# sql ARGUMENT…: psql as the superuser, stopping at the first error.
sql() {
    psql -X -q -v ON_ERROR_STOP=1 -At -d "$(cluster_url "$DATABASE")" "$@" </dev/null
}

# process_ticks PID: CPU the process has used, in clock ticks.
process_ticks() {
    sed 's/^.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# postgres_ticks: CPU of the whole server, in clock ticks; a backend that ended is counted among its parent's children.
postgres_ticks() {
    local postmaster
    postmaster=$(head -1 "$CLUSTER/data/postmaster.pid")
    {
        sed 's/^.*) //' "/proc/$postmaster/stat" | awk '{ print $12 + $13 + $14 + $15 }'
        pgrep -P "$postmaster" | while read -r child; do process_ticks "$child" 2>/dev/null || true; done
    } | awk '{ sum += $1 } END { print sum }'
}

# peak PID: the most a process ever had resident, in MB.
peak() {
    awk '$1 == "VmHWM:" { printf "%.1f\n", $2 / 1024 }' "/proc/$1/status"
}

# held PID: what a process holds of the memory, in MB. Two processes of one executable share its pages, and each is charged its part.
held() {
    awk '$1 == "Pss:" { printf "%.1f\n", $2 / 1024 }' "/proc/$1/smaps_rollup"
}

# need_program: the executable BENCH_PROGRAM names, or one built for release.
need_program() {
    [ -z "$PROGRAM" ] || return 0
    need_rust
    need_compiler
    build_assets
    say "building for release"
    nice -n 10 cargo build --release --locked --package millwright
    PROGRAM=${CARGO_TARGET_DIR:-$ROOT/target}/release/millwright
}

# configure: the program over the cluster, answering at $BASE, with its files in $WORK.
configure() {
    local name
    # whatever else the environment configures is not part of the measurement
    for name in $(compgen -e MILLWRIGHT_); do unset "$name"; done
    DATABASE_URL=$(cluster_url "$DATABASE")
    MILLWRIGHT_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
    export DATABASE_URL MILLWRIGHT_SECRET MILLWRIGHT_LISTEN=127.0.0.1:$PORT MILLWRIGHT_PUBLIC_URL=$BASE \
        MILLWRIGHT_FILES=file://$WORK/files MILLWRIGHT_SMTP_URL=file://$WORK/mail MILLWRIGHT_MAIL_FROM=bench@bench.example
    unset RUST_LOG
    mkdir -p "$WORK/files" "$WORK/mail"
}

# create_database: empty but for the program's tables.
create_database() {
    psql -X -q -d "$(cluster_url postgres)" -c "CREATE DATABASE $DATABASE" </dev/null
    "$PROGRAM" migrate >/dev/null 2>&1
}

# answers PORT: whether the program is ready for requests.
answers() {
    local line=
    {
        exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
        printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
        read -r -t 5 line <&3 || true
        exec 3>&-
    } 2>/dev/null
    case $line in *' 200 '*) return 0 ;; *) return 1 ;; esac
}

# await_answer PORT PID: waits until the program answers; fails when it ended or needs longer than half a minute.
await_answer() {
    local until=$((SECONDS + 30))
    until (answers "$1"); do
        kill -0 "$2" 2>/dev/null || fail "the program ended: $(tail -5 "$WORK/api.log")"
        [ "$SECONDS" -lt "$until" ] || fail "the program does not answer: $(tail -5 "$WORK/api.log")"
        sleep 0.002
    done
}

# stop_process PID: asks it to end and waits until it has.
stop_process() {
    kill "$1" 2>/dev/null || return 0
    wait "$1" 2>/dev/null || true
}

# json_field NAME: the first string of that name in the JSON on standard input.
json_field() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -1
}
