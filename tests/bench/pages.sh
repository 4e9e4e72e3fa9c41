#!/usr/bin/env bash
# Measures the pages as `make start` serves them: push to screen (pages/push.js), then Lighthouse (pages/lighthouse.js). Installs what is missing.
#   tests/bench/pages.sh [push|lighthouse]
set -euo pipefail
cd "$(dirname "$0")/../.."
conf/install build pages database browser bench-pages
make -s build pages
for part in ${1:-push lighthouse}; do
    conf/with-node node "tests/bench/pages/$part.js"
done
