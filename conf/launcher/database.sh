# shellcheck shell=bash
# The embedded database (SecantusDB, which speaks MongoDB's protocol), started only when MONGODB_URI is unset.

# --sync-on-commit: without it a crash loses acknowledged orders, write concern or not.
database_start() {
    local port attempt venv=$checkout/build/venv
    port=$(database_last_port)
    # What a fill that was cut short left: nobody has seen it yet.
    [ ! -e "$RUN_DIR/filling" ] || rm -rf "$RUN_DIR/data"
    (umask 077 && mkdir -p "$RUN_DIR/data")
    for attempt in 1 2 3; do
        if [ -z "$port" ] || port_listener "$port" >/dev/null; then port=$(port_choose); fi
        # By way of the interpreter: the script's own first line would be wrong in a checkout that was moved.
        service_start database "$venv/bin/python" "$venv/bin/secantusd-py" \
            --config "$checkout/conf/secantusd.toml" --host 127.0.0.1 --port "$port" --storage-path "$RUN_DIR/data" --sync-on-commit \
            --log-level WARNING >>"$RUN_DIR/logs/database.log" 2>&1
        database_pid=$service_pid
        if await 30 database_settled "$port" && port_answers 127.0.0.1 "$port"; then
            database_uri="mongodb://127.0.0.1:$port/?replicaSet=secantus"
            return
        fi
        process_stop database 5
        [ "$attempt" -eq 3 ] || port=''
    done
    tail -n 5 "$RUN_DIR/logs/database.log" >&2
    return 1
}

# The port of the last run, so that a connection string noted by someone stays good.
database_last_port() {
    local uri=''
    { read -r uri <"$RUN_DIR/mongodb.uri"; } 2>/dev/null
    [[ ! $uri =~ ^mongodb://127\.0\.0\.1:([0-9]+)/\?replicaSet=secantus$ ]] || printf '%s\n' "${BASH_REMATCH[1]}"
}

database_settled() {
    process_gone "$database_pid" || port_answers 127.0.0.1 "$1"
}

# ordersctl finds the database by this file.
database_note() {
    (umask 077 && printf '%s\n' "$database_uri" >"$RUN_DIR/mongodb.uri")
}

ordersctl() {
    RUN_DIR=$RUN_DIR MONGODB_URI=$database_uri CURRENCY=$CURRENCY BCRYPT_COST=$BCRYPT_COST "$checkout/build/ordersctl" "$@"
}

database_is_empty() {
    local users
    # Once more without --json, for a message that people read.
    users=$(ordersctl user list --json 2>/dev/null) || { ordersctl user list >/dev/null || return 2; }
    [[ $users =~ ^[[:space:]]*(\[[[:space:]]*\])?[[:space:]]*$ ]]
}

admin_email=admin@example.com customer_email=maya@example.com

# A first admin and a small demo shop for an empty embedded database; nothing is ever put into a database of the user's own.
database_fill() {
    local empty=0
    database_is_empty || empty=$?
    [ "$empty" -ne 2 ] || return 1
    if [ -n "$MONGODB_URI" ]; then
        [ "$empty" -ne 0 ] || database_empty_hint=yes
        return 0
    fi
    [ "$empty" -eq 0 ] || return 0
    say "Filling the empty database with a small demo shop and a first admin"
    : >"$RUN_DIR/filling"
    (umask 077 && random_text 16 >"$RUN_DIR/admin.password" && random_text 16 >"$RUN_DIR/customer.password")
    ordersctl user add --email "$admin_email" --name 'First admin' --role admin --password-stdin <"$RUN_DIR/admin.password" >/dev/null &&
        ordersctl seed-demo --password-stdin <"$RUN_DIR/customer.password" >/dev/null && rm "$RUN_DIR/filling"
}

random_text() {
    local text
    text=$(head -c 2048 /dev/urandom | LC_ALL=C tr -dc 'A-HJ-NP-Za-km-z2-9')
    printf '%s\n' "${text:0:$1}"
}
