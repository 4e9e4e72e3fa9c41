# shellcheck shell=bash
# The live status bridge (build/wsbridge --help). Apache passes /ws and /socket.io/ on to its socket; mod_orders tells it by datagram
# what changed.

bridge_start() {
    local options=(--listen "$RUN_DIR/bridge.sock" --datagrams "$RUN_DIR/bridge.dgram" --mongodb-uri-file "$RUN_DIR/mongodb.uri"
        --jwt-secret-file "$secret_file" --currency "$CURRENCY" --max-viewers "$MAX_VIEWERS")
    [ -z "$ALLOWED_ORIGIN" ] || options+=(--allowed-origin "$ALLOWED_ORIGIN")
    # Once the sockets stand it is a process of the user who may use them: that of Apache's children.
    [ "$EUID" -ne 0 ] || options+=(--user "$web_user")
    rm -f "$RUN_DIR/bridge.sock" "$RUN_DIR/bridge.dgram"
    service_start bridge "$checkout/build/wsbridge" "${options[@]}" >>"$RUN_DIR/logs/bridge.log" 2>&1
    bridge_pid=$service_pid
    if await 10 bridge_settled && [ -S "$RUN_DIR/bridge.sock" ]; then return; fi
    tail -n 5 "$RUN_DIR/logs/bridge.log" >&2
    return 1
}

bridge_settled() {
    process_gone "$bridge_pid" || [ -S "$RUN_DIR/bridge.sock" ]
}

# Viewers come back by themselves, and orders don't need it: its end is no reason to end the rest.
bridge_restart() {
    complain "the bridge has ended unexpectedly and is started again: $RUN_DIR/logs/bridge.log"
    process_stop bridge 1
    nap 1
    bridge_start
}
