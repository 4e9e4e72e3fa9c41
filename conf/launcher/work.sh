# shellcheck shell=bash
# The work of the launcher, in a process and session of its own that traps no signal (why: supervise.sh): installs, builds, starts the services
# in order, tells where to look, and watches.

database_pid='' bridge_pid='' apache_pid='' database_uri='' database_empty_hint=''

work() {
    step "$checkout/conf/install" "${groups[@]}" || exit 1
    say "Building the module, the bridge, ordersctl and the pages"
    step env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$checkout" -j"$(nproc)" build pages || fail "the build failed"
    place_pages
    if [ -n "$MONGODB_URI" ]; then
        database_uri=$MONGODB_URI
        say "Using the database that MONGODB_URI names; nothing embedded is started"
    else
        say "Starting the embedded database"
        database_start || fail "the database did not start: $RUN_DIR/logs/database.log"
        detail "$database_uri"
    fi
    database_note
    database_fill || fail "the database could not be read or filled"
    secret_prepare
    say "Starting the live status bridge"
    bridge_start || fail "the bridge did not start: $RUN_DIR/logs/bridge.log"
    say "Starting Apache"
    apache_configure
    apache_start || fail "Apache did not start or the API did not become ready: $RUN_DIR/logs/error.log"
    tell_where
    [ -z "${SHOW_REQUESTS:-}" ] || request_lines -c "+$((access_log_end + 1))" "+$((error_log_end + 1))" </dev/null &
    printf '%s %s\n' "$HOST" "$PORT" >"$RUN_DIR/ready"
    watch_services
}

# A background process ignores interrupts, and so would what it starts; a step must be stoppable by one (process_end_session).
step() {
    env --default-signal=INT "$@" </dev/null
}

web_address() {
    local host=$HOST
    case $host in 0.0.0.0) host=127.0.0.1 ;; ::) host='[::1]' ;; *:*) host="[$host]" ;; esac
    printf 'http://%s:%s' "$host" "$PORT"
}

tell_where() {
    local at
    at=$(web_address)
    say "Ready at $at"
    if [ -z "$MONGODB_URI" ] && [ -s "$RUN_DIR/admin.password" ]; then
        detail "Sign in as $admin_email with the password $(<"$RUN_DIR/admin.password") to run the shop,"
        [ ! -s "$RUN_DIR/customer.password" ] ||
            detail "or as $customer_email with the password $(<"$RUN_DIR/customer.password") to order from it."
    elif [ -n "$database_empty_hint" ]; then
        detail "The database has no account yet. Make the first admin:"
        detail "  build/ordersctl user add --email you@example.com --name 'Your name' --role admin --password-stdin"
    fi
    detail "API: $at/api/openapi.json   health: $at/healthz?ready=1   logs: $RUN_DIR/logs"
}

# Follows the logs, from places in the words of tail's option: request_lines OPTION ACCESS_LOG ERROR_LOG. Requests are shown in Morgan's
# style, warnings and errors as they are. tail ends by itself when we are gone.
request_lines() {
    local awk=(awk) colour=0
    # mawk waits for a full buffer unless told to be interactive.
    ! command -v mawk >/dev/null || awk=(mawk -W interactive)
    [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ] || colour=1
    {
        tail "$1" "$2" --pid=$$ -F "$RUN_DIR/logs/access.log" 2>/dev/null &
        tail "$1" "$3" --pid=$$ -F "$RUN_DIR/logs/error.log" 2>/dev/null
    } | "${awk[@]}" -v colour=$colour -f "$checkout/conf/launcher/dev-lines.awk"
}

# No service ends by itself; when they end because they were told to, the launcher has left word.
watch_services() {
    local ended=''
    while :; do
        # shellcheck disable=SC2086 # without an embedded database there is one process to wait for
        wait -n -p ended $apache_pid $bridge_pid $database_pid
        if [ -e "$RUN_DIR/stopping" ]; then
            # shellcheck disable=SC2086
            wait $apache_pid $bridge_pid $database_pid
            exit 0
        fi
        if [ "$ended" = "$apache_pid" ]; then
            apache_last_words
            fail "Apache has ended unexpectedly: $RUN_DIR/logs/error.log"
        fi
        [ "$ended" != "$bridge_pid" ] || bridge_restart || fail "the bridge could not be started again: $RUN_DIR/logs/bridge.log"
        [ "$ended" != "$database_pid" ] || fail "the database has ended unexpectedly: $RUN_DIR/logs/database.log"
    done
}
