# shellcheck shell=bash
# Ports, by the kernel's own table: no tool is needed, and nobody is connected to.

# The inode of the socket that listens on PORT in a way that keeps us from it: on all addresses, or on the one wanted.
port_listener() {
    local hex pattern='(0{8}|0100007F|0{32}|0{16}FFFF00000100007F)'
    [ "$HOST" = 127.0.0.1 ] || pattern='[0-9A-F]+'
    printf -v hex %04X "$1"
    # State 0A is LISTEN. grep reads the table in one go; line by line, the kernel would walk it anew each time.
    { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null || true; } |
        grep -E "^ *[0-9]+: $pattern:$hex [0-9A-F:]+ 0A " | { read -r _ _ _ _ _ _ _ _ _ inode _ && printf '%s\n' "$inode"; }
}

# Says who holds the port, as far as the kernel lets us see.
port_holder() {
    local link pid name
    link=$(find /proc/[0-9]*/fd -lname "socket:\[$1\]" -print -quit 2>/dev/null) || true
    [ -n "$link" ] || return 0
    pid=${link#/proc/}
    pid=${pid%%/*}
    { read -r name <"/proc/$pid/comm"; } 2>/dev/null || return 0
    printf ' by %s (process %s)' "$name" "$pid"
}

port_demand_free() {
    local inode
    ! inode=$(port_listener "$PORT") ||
        fail "port $PORT is taken$(port_holder "$inode"). Choose another: make run PORT=$((PORT < 65535 ? PORT + 1 : 8080))"
}

# A free port below the range the kernel hands out by itself.
port_choose() {
    local try
    for _ in {1..200}; do
        try=$((27100 + RANDOM % 4900))
        port_listener "$try" >/dev/null || { printf '%s\n' "$try" && return; }
    done
    fail "no free port found for the embedded database between 27100 and 31999"
}

# True when something accepts connections there.
port_answers() {
    (: <"/dev/tcp/$1/$2") 2>/dev/null
}
