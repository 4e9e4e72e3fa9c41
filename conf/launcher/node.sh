# shellcheck shell=bash
# Which Node: the system's where it has npm, too, and is new enough for Vite; else conf/install puts one into build/venv.

system_node() {
    [ -x /usr/bin/npm ] && [ -x /usr/bin/node ] &&
        /usr/bin/node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

# Puts it in front of PATH: node_path CHECKOUT
node_path() {
    local folder=$1/build/venv/bin
    ! system_node || folder=/usr/bin
    PATH=$folder:$PATH
    [ -x "$folder/node" ]
}
