#!/usr/bin/env bash
# Measures live status (live_bench.py), or with `soak` whether the bridge's memory stays flat (live_soak.py). Installs what is missing.
#   tests/bench/live.sh [soak] [OPTION...]
set -euo pipefail
cd "$(dirname "$0")/../.."
conf/install build database test live
make -s build
stamp=tests/bench/node_modules/.installed-$(sha256sum <tests/bench/package-lock.json | cut -c 1-16)
if [ ! -e "$stamp" ]; then
    conf/with-node npm ci --prefix tests/bench --ignore-scripts --no-audit --no-fund
    touch "$stamp"
fi
ulimit -n "$(ulimit -Hn)"
program=live_bench.py
if [ "${1:-}" = soak ]; then
    program=live_soak.py
    shift
fi
exec build/venv/bin/python "tests/bench/$program" "$@"
