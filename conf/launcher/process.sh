# shellcheck shell=bash
# Processes that outlive a crash of the launcher: RUN_DIR/NAME.pid holds pid, time of birth and boot, which together name one process
# for ever, so that a stale file never leads to a stranger. Each service leads a session of its own; its session ends with it.

# Sets `birth` (clock ticks since boot) and `session`. False for a process that is gone or only waits to be reaped.
process_look() {
    local line fields
    birth='' session=''
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
    # The name in parentheses may hold anything; the fields after it hold no blank.
    read -ra fields <<<"${line##*) }"
    [ "${fields[0]}" != Z ] && [ "${fields[0]}" != X ] || return 1
    session=${fields[3]} birth=${fields[19]}
}

process_record() {
    process_look "$2" && printf '%s %s %s\n' "$2" "$birth" "$(</proc/sys/kernel/random/boot_id)" >"$RUN_DIR/$1.pid"
}

# Sets `pid` to the recorded one; true while that very process runs.
process_alive() {
    local born boot
    pid=''
    { read -r pid born boot <"$RUN_DIR/$1.pid"; } 2>/dev/null || return 1
    if ! [[ $pid =~ ^[0-9]+$ && $boot = "$(</proc/sys/kernel/random/boot_id)" ]]; then
        pid=''
        return 1
    fi
    process_look "$pid" && [ "$birth" = "$born" ]
}

# The live members of a session, one a line.
session_members() {
    local stat
    for stat in /proc/[0-9]*/stat; do
        stat=${stat#/proc/}
        ! process_look "${stat%/stat}" || [ "$session" != "$1" ] || printf '%s\n' "${stat%/stat}"
    done
}

# Sleeps without a child process that a second Ctrl-C could hit.
exec 8<> <(:)
nap() {
    read -r -t "$1" -u 8 || true
}

# Waits until a command is true: await SECONDS COMMAND...
await() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        nap 0.05
    done
}

process_gone() {
    ! process_look "$1"
}

session_gone() {
    [ -z "$(session_members "$1")" ]
}

# Ends a service: TERM to its first process, and after SECONDS what is left of its session is killed.
process_stop() {
    local name=$1 seconds=$2 members
    if process_alive "$name"; then
        kill -TERM "$pid" 2>/dev/null
        await "$seconds" process_gone "$pid" || complain "$name did not stop within $seconds seconds and is killed"
    fi
    # No process has the number of a session that still has members: where one does, the session is not ours.
    if [ -n "$pid" ] && { process_alive "$name" || process_gone "$pid"; }; then
        await 2 session_gone "$pid" || true
        mapfile -t members < <(session_members "$pid")
        [ ${#members[@]} -eq 0 ] || kill -KILL "${members[@]}" 2>/dev/null
    fi
    rm -f "$RUN_DIR/$name.pid"
}

# Starts a service in the background: service_start NAME COMMAND... It notes itself before it leaves our session: whoever kills our
# session before that moment kills it too, and after that moment finds the note.
service_start() {
    local name=$1
    shift
    (
        process_record "$name" "$BASHPID"
        exec setsid "$@"
    ) </dev/null 8>&- 9>&- &
    service_pid=$!
}

# Ends the process that leads a session, and then all it was at: interrupted first, so that each can leave things in order. apt-get finishes
# the package it has begun; killing it would leave the machine's package database in need of repair.
process_end_session() {
    local members
    if process_alive "$1"; then
        kill -KILL "$pid" 2>/dev/null
        mapfile -t members < <(session_members "$pid")
        [ ${#members[@]} -eq 0 ] || kill -INT "${members[@]}" 2>/dev/null
        await 120 session_gone "$pid" || true
        mapfile -t members < <(session_members "$pid")
        [ ${#members[@]} -eq 0 ] || kill -KILL "${members[@]}" 2>/dev/null
    fi
    rm -f "$RUN_DIR/$1.pid"
}
