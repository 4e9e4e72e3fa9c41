# shellcheck shell=bash
# What the launcher tells. A terminal that has gone away must never stop it: a failed write counts for nothing.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

say() {
    printf '%s\n' "$bold==>$plain $*" 2>/dev/null || true
}

detail() {
    printf '    %s\n' "$*" 2>/dev/null || true
}

complain() {
    printf '%s\n' "$program: $*" >&2 2>/dev/null || true
}

fail() {
    complain "$@"
    exit 1
}
