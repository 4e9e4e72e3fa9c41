# Turns lines of the access log (conf/httpd.conf, format "orders") into Morgan's `dev` style; error log lines are passed on.
#   GET /api/orders 200 3.214 ms - 512
# Lines of the bridge's log lose their time: live connect ws user=…

function paint(status) {
    if (!colour) return status
    shade = status >= 500 ? 31 : status >= 400 ? 33 : status >= 300 ? 36 : 32
    return "\033[" shade "m" status "\033[0m"
}

function access_line(    start, request, rest, words, n) {
    start = index($0, "\"")
    rest = substr($0, start + 1)
    if (!start || !match(rest, /^([^"\\]|\\.)*"/)) return
    request = substr(rest, 1, RLENGTH - 1)
    rest = substr(rest, RLENGTH + 1)
    sub(/ HTTP\/[0-9.]+$/, "", request)
    split(rest, words, " ")
    # The last two words: microseconds, request id.
    n = split($0, tail, " ")
    printf "%s %s %.3f ms - %s\n", request, paint(words[1]), tail[n - 1] / 1000, words[2]
}

/^$/ { next }
/^\[.*:(notice|info|debug)\]/ { next }
/^\[/ { print; fflush(); next }
/^[0-9-]+T[0-9:.]+Z (info|warn|error) / { sub(/^[^ ]+ info /, "live "); sub(/^[0-9][^ ]+ /, "live "); print; fflush(); next }
/"launcher" [0-9]+ [^ ]+$/ { next }
{ access_line(); fflush() }
