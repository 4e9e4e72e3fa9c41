# shellcheck shell=bash
# Where the state of an instance lives, and who must be able to reach it.

web_user=www-data

# Makes RUN_DIR. Apache started by root answers requests as $web_user, who must be able to reach RUN_DIR and the pages. Where the way there is
# closed (a checkout in a home folder), nothing of the user's is opened: the state moves to /var/tmp, and a copy of the pages with it (place_pages).
place_prepare() {
    if [ "$EUID" -ne 0 ]; then
        mkdir -p "$RUN_DIR/logs" || fail "RUN_DIR $RUN_DIR cannot be made"
    else
        place_prepare_as_root
    fi
    [[ -w $RUN_DIR && -w $RUN_DIR/logs ]] || fail "RUN_DIR $RUN_DIR belongs to another user: set RUN_DIR to a folder of your own"
    RUN_DIR=$(cd "$RUN_DIR" && pwd -P)
    place_check_sockets
}

place_prepare_as_root() {
    local made=''
    # What an earlier start moved: the way by the link may be closed, the folder is not. Without it, it is made anew.
    if [ -L "$RUN_DIR" ]; then
        RUN_DIR=$(readlink -m "$RUN_DIR")
        [[ ! -e $RUN_DIR || -O $RUN_DIR ]] || fail "$RUN_DIR is not this user's folder: set RUN_DIR to another one"
    fi
    [ -e "$RUN_DIR" ] || { mkdir -p "$RUN_DIR" && chmod 0711 "$RUN_DIR" && made=yes; } || fail "RUN_DIR $RUN_DIR cannot be made"
    if ! web_user_can -x "$RUN_DIR"; then
        [ -z "$made" ] || rmdir "$RUN_DIR"
        place_move
    fi
    mkdir -p "$RUN_DIR/logs" && chmod 0700 "$RUN_DIR/logs"
}

web_user_can() {
    setpriv --reuid="$web_user" --regid="$web_user" --clear-groups test "$@" 2>/dev/null
}

place_move() {
    local wanted=$RUN_DIR sum
    sum=$(printf %s "$wanted" | sha256sum)
    RUN_DIR=/var/tmp/mod_orders-${sum:0:16}
    if [ -e "$wanted" ] && ! rmdir "$wanted" 2>/dev/null; then
        fail "Apache's user $web_user cannot reach $wanted, which is not empty: set RUN_DIR to a folder that every user can enter"
    fi
    mkdir -m 0711 "$RUN_DIR" 2>/dev/null || true
    # Everybody may write to /var/tmp: what lies there under our name must be our own.
    [[ -d $RUN_DIR && ! -L $RUN_DIR && -O $RUN_DIR ]] || fail "$RUN_DIR is not this user's folder: set RUN_DIR to another one"
    ln -sfn "$RUN_DIR" "$wanted"
    say "Apache's user $web_user cannot reach $wanted: the state is kept in $RUN_DIR, linked from there"
}

# Once they are built. The copy is made anew at each start, so that it is never an old one.
place_pages() {
    pages=$checkout/htdocs/dist
    rm -rf "$RUN_DIR/pages"
    if [ "$EUID" -ne 0 ] || web_user_can -r "$pages/index.html"; then return; fi
    cp -r "$pages" "$RUN_DIR/pages"
    chmod -R a+rX "$RUN_DIR/pages"
    say "Apache's user $web_user cannot reach $pages: a copy in $RUN_DIR/pages is served"
    pages=$RUN_DIR/pages
}

# The kernel's limit for the path of a unix socket is 107 bytes; the longest name in RUN_DIR is the bridge's.
place_check_sockets() {
    local path=$RUN_DIR/bridge.dgram length
    length=$(printf %s "$path" | wc -c)
    [ "$length" -le 107 ] || fail "the path of a socket, $path, would have $length bytes; at most 107 are possible: set RUN_DIR to a shorter path"
}
