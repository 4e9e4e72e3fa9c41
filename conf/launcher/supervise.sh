# shellcheck shell=bash
# Starts the services in order, watches them, and stops them in the reverse order, once, however the end comes.

database_pid='' bridge_pid='' apache_pid='' terminal_pid='' watcher_pid='' background_pid='' database_uri='' database_empty_hint=''

handle_signals() {
    trap 'finish 130' INT
    trap 'finish 143' TERM
    trap 'finish 129' HUP
    # `make run | tee file`: the reader dies of Ctrl-C first, and writing to it must not end us before the services have ended.
    trap : PIPE
}

supervise() {
    process_record launcher $$
    if [ -n "$MONGODB_URI" ]; then
        database_uri=$MONGODB_URI
        say "Using the database that MONGODB_URI names; nothing embedded is started"
    else
        say "Starting the embedded database"
        database_start || give_up "the database did not start: $RUN_DIR/logs/database.log"
        detail "$database_uri"
    fi
    database_note
    database_fill || give_up "the database could not be read or filled"
    secret_prepare
    say "Starting the live status bridge"
    bridge_start || give_up "the bridge did not start: $RUN_DIR/logs/bridge.log"
    say "Starting Apache"
    apache_configure
    apache_start || give_up "Apache did not start or the API did not become ready: $RUN_DIR/logs/error.log"
    tell_where
    printf '%s %s\n' "$HOST" "$PORT" >"$RUN_DIR/ready"
    [ ! -t 1 ] || terminal_attach
    watch_services
}

web_address() {
    local host=$HOST
    case $host in 0.0.0.0) host=127.0.0.1 ;; *:*) host="[$host]" ;; esac
    printf 'http://%s:%s' "$host" "$PORT"
}

tell_where() {
    say "Ready at $(web_address)"
    detail "API: $(web_address)/api/openapi.json   health: $(web_address)/healthz?ready=1   logs: $RUN_DIR/logs"
    if [ -z "$MONGODB_URI" ] && [ -s "$RUN_DIR/admin.password" ]; then
        detail "Sign in as $admin_email with the password $(<"$RUN_DIR/admin.password")"
    elif [ -n "$database_empty_hint" ]; then
        detail "The database has no account yet. Make the first admin:"
        detail "  build/ordersctl user add --email you@example.com --name 'Your name' --role admin --password-stdin"
    fi
}

# Follows the logs: requests in Morgan's style, warnings and errors as they are. tail ends by itself when the launcher is gone.
request_lines() {
    local awk=(awk) colour=0
    # mawk waits for a full buffer unless told to be interactive.
    ! command -v mawk >/dev/null || awk=(mawk -W interactive)
    [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ] || colour=1
    tail -q -n "$1" --pid=$$ -F "$RUN_DIR/logs/access.log" "$RUN_DIR/logs/error.log" "$RUN_DIR/logs/bridge.log" 2>/dev/null |
        "${awk[@]}" -v colour=$colour -f "$checkout/conf/launcher/dev-lines.awk"
}

terminal_attach() {
    set -m
    request_lines 0 </dev/null 9>&- &
    terminal_pid=$!
    set +m
    terminal_watch $$ </dev/null 9>&- &
    watcher_pid=$!
}

# A closed terminal sends HUP to the first process of its session alone, which may be a make that waits for us: look for ourselves.
terminal_watch() {
    trap - INT TERM HUP
    while { : <>/dev/tty; } 2>/dev/null; do nap 2; done
    kill -HUP "$1" 2>/dev/null
}

# No service ever ends by itself.
watch_services() {
    local ended=''
    while :; do
        # shellcheck disable=SC2086 # without an embedded database there is one process to wait for
        wait -n -p ended $apache_pid $bridge_pid $database_pid
        [ "$ended" != "$apache_pid" ] || give_up "Apache has ended unexpectedly: $RUN_DIR/logs/error.log"
        [ "$ended" != "$database_pid" ] || give_up "the database has ended unexpectedly: $RUN_DIR/logs/database.log"
        [ "$ended" != "$bridge_pid" ] || bridge_restart || give_up "the bridge does not start again: $RUN_DIR/logs/bridge.log"
    done
}

give_up() {
    complain "$@"
    finish 1
}

# Everything ends here: signals, failures. A second Ctrl-C changes nothing, for each wait is bounded.
finish() {
    trap : INT TERM HUP
    local status=$1 leftover
    step_stop
    if [ -n "$background_pid" ] && kill -TERM "$background_pid" 2>/dev/null; then await 60 process_gone "$background_pid"; fi
    if [ -n "$apache_pid$bridge_pid$database_pid" ]; then say "Stopping"; fi
    stop_services
    [ -z "$watcher_pid" ] || kill -TERM "$watcher_pid" 2>/dev/null
    [ -z "$terminal_pid" ] || kill -TERM -- "-$terminal_pid" 2>/dev/null
    for leftover in $(jobs -p); do kill -KILL "$leftover" 2>/dev/null; done
    if [ -n "$apache_pid" ] && [ "$status" -gt 128 ]; then
        say "Stopped"
        exit 0
    fi
    exit "$status"
}

stop_services() {
    rm -f "$RUN_DIR/ready"
    process_stop apache 15
    process_stop bridge 8
    process_stop database 20
    rm -f "$RUN_DIR/launcher.pid"
}

# What a launcher that was killed left running.
stop_leftovers() {
    local part
    for part in apache bridge database; do
        ! process_alive "$part" || say "Stopping the $part that an earlier run left behind"
    done
    stop_services
}
