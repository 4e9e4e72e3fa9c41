# shellcheck shell=bash
# Apache, on the configuration conf/httpd.conf; the values of this run are put in front of it as Defines.

apache=/usr/sbin/apache2

# Signs the tokens; read by Apache and by the bridge.
secret_prepare() {
    secret_file=$RUN_DIR/jwt.secret
    if [ -n "$JWT_SECRET" ]; then
        secret_file=$RUN_DIR/jwt.secret.given
        (umask 077 && printf '%s' "$JWT_SECRET" >"$secret_file")
    elif [ ! -s "$secret_file" ]; then
        (umask 077 && random_text 48 >"$secret_file")
    fi
}

apache_configure() {
    # The connection string may hold a password: nobody else reads this file.
    (umask 077 && apache_defines >"$RUN_DIR/httpd.conf")
}

apache_defines() {
    local address=$HOST
    [[ $HOST != *:* ]] || address="[$HOST]"
    cat <<-END
	# Written at each start from the settings. The configuration itself is the included file.
	Define CHECKOUT "$checkout"
	Define MODULES "/usr/lib/apache2/modules"
	Define RUN_DIR "$RUN_DIR"
	Define PAGES "$pages"
	Define LISTEN "$address:$PORT"
	Define MONGODB_URI "$database_uri"
	Define JWT_SECRET_FILE "$secret_file"
	Define CURRENCY "$CURRENCY"
	Define RATE_LIMIT "$RATE_LIMIT"
	Define BCRYPT_COST "$BCRYPT_COST"
	END
    [ -n "$MONGODB_URI" ] || printf 'Define EMBEDDED_DATABASE\n'
    [ "$EUID" -ne 0 ] || printf 'Define STARTED_BY_ROOT\n'
    printf 'Include "%s/conf/httpd.conf"\n' "$checkout"
}

apache_start() {
    local problem
    touch "$RUN_DIR/logs/access.log" "$RUN_DIR/logs/error.log"
    if ! problem=$("$apache" -f "$RUN_DIR/httpd.conf" -t 2>&1); then
        printf '%s\n' "$problem" >&2
        return 1
    fi
    access_log_end=$(wc -c <"$RUN_DIR/logs/access.log")
    error_log_end=$(wc -c <"$RUN_DIR/logs/error.log")
    rm -f "$RUN_DIR/httpd.pid"
    service_start apache "$apache" -f "$RUN_DIR/httpd.conf" -DFOREGROUND >>"$RUN_DIR/logs/apache.out" 2>&1
    apache_pid=$service_pid
    if await 30 apache_settled && apache_ready; then return; fi
    apache_last_words
    return 1
}

# Why it ended or did not start, as far as its log knows.
apache_last_words() {
    tail -c "+$((error_log_end + 1))" "$RUN_DIR/logs/error.log" | tail -n 5 >&2
}

apache_settled() {
    process_gone "$apache_pid" || apache_ready
}

# 200 once the module answers and its database is ready. Without its pid file it has not got the port: another's Apache would answer.
apache_ready() {
    local answer='' host=$HOST
    [ -s "$RUN_DIR/httpd.pid" ] || return 1
    case $host in 0.0.0.0) host=127.0.0.1 ;; ::) host=::1 ;; esac
    {
        exec {web_fd}<>"/dev/tcp/$host/$PORT" || return 1
        printf 'GET /healthz?ready=1 HTTP/1.0\r\nHost: localhost\r\nUser-Agent: launcher\r\n\r\n' >&"$web_fd"
        IFS= read -r -t 5 answer <&"$web_fd"
        exec {web_fd}>&-
    } 2>/dev/null
    [[ $answer == HTTP/1.?' 200 '* ]]
}
