# shellcheck shell=bash
# The launcher proper: it handles the signals, and has the work (work.sh) done by another process. While it traps signals it only waits:
# bash 5.2 loses its way when a trap runs during a command substitution (measured: half of the signals in a loop of them), and without a trap it
# forgets a Ctrl-C that comes while a command it waits for ends by itself.

supervise() {
    rm -f "$RUN_DIR/ready" "$RUN_DIR/stopping"
    settings_export
    process_record launcher $$
    trap 'finish 130' INT
    trap 'finish 143' TERM
    trap 'finish 129' HUP
    if { : <>/dev/tty; } 2>/dev/null; then terminal_watch $$ </dev/null 9>&- & fi
    service_start worker "$0" work
    wait "$service_pid"
    finish 1
}

# A closed terminal sends HUP to the first process of its session alone, which may be a make that waits for us: look for ourselves.
terminal_watch() {
    while { kill -0 "$1" && : <>/dev/tty; } 2>/dev/null; do nap 2; done
    kill -HUP "$1" 2>/dev/null
}

# Everything ends here: signals and failures. A second Ctrl-C changes nothing, for each wait is bounded.
finish() {
    trap '' INT TERM HUP PIPE
    local status=$1 job
    say "Stopping"
    stop_services
    for job in $(jobs -p); do kill -KILL "$job" 2>/dev/null; done
    if [ "$status" -gt 128 ]; then
        say "Stopped"
        exit 0
    fi
    exit "$status"
}

# A worker that still starts things is ended first; one that watches sees the services off.
stop_services() {
    : >"$RUN_DIR/stopping"
    [ -e "$RUN_DIR/ready" ] || process_end_session worker
    rm -f "$RUN_DIR/ready"
    # The bridge first: a child of Apache that is told to stop amid a viewer's tunnel never leaves it, and is killed in the end.
    process_stop bridge 10
    process_stop apache 15
    process_stop database 20
    process_end_session worker
    rm -f "$RUN_DIR/launcher.pid" "$RUN_DIR/stopping"
}

# What a launcher that was killed left running.
stop_leftovers() {
    local part
    for part in apache bridge database; do
        ! process_alive "$part" || say "Stopping the $part that an earlier run left behind"
    done
    stop_services
}
