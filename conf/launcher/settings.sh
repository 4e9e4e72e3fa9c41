# shellcheck shell=bash
# The settings: the environment first, then the file .env of the checkout, then the default. .env.example describes each of them.

settings=(PORT HOST RUN_DIR MONGODB_URI JWT_SECRET CURRENCY RATE_LIMIT BCRYPT_COST ALLOWED_ORIGIN MAX_VIEWERS)

# Reads .env without running it: NAME=value, an optional `export`, an optional pair of quotes, whole-line comments.
settings_read_file() {
    local file=$1 line name value number=0
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        line=${line%$'\r'}
        line=${line#"${line%%[![:space:]]*}"}
        line=${line#export }
        case $line in '' | '#'*) continue ;; esac
        [[ $line =~ ^([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || fail "$file, line $number: expected NAME=value"
        name=${BASH_REMATCH[1]}
        value=${BASH_REMATCH[2]%"${BASH_REMATCH[2]##*[![:space:]]}"}
        case $value in
        \"*\" | \'*\') [ ${#value} -ge 2 ] && value=${value:1:-1} ;;
        esac
        [[ " ${settings[*]} " == *" $name "* ]] || continue
        [ -v "$name" ] || printf -v "$name" %s "$value"
    done <"$file"
}

settings_load() {
    [ ! -f "$checkout/.env" ] || settings_read_file "$checkout/.env"
    : "${PORT:=8080}" "${HOST:=127.0.0.1}" "${RUN_DIR:=$checkout/.run}" "${MONGODB_URI:=}" "${JWT_SECRET:=}" "${CURRENCY:=USD}" "${RATE_LIMIT:=on}" "${BCRYPT_COST:=10}" "${ALLOWED_ORIGIN:=}" "${MAX_VIEWERS:=256}"
    [[ $RUN_DIR == /* ]] || RUN_DIR=$checkout/$RUN_DIR
    # The services read these from files: in their environment they would only be one more place for a secret to be found.
    export -n MONGODB_URI JWT_SECRET
    settings_check
}

# For the launcher's own processes, with what place_prepare settled.
settings_export() {
    export "${settings[@]}"
}

settings_check() {
    if ! [[ $PORT =~ ^[1-9][0-9]{0,4}$ ]] || [ "$PORT" -gt 65535 ]; then
        fail "PORT is '$PORT'; it must be a number from 1 to 65535"
    fi
    [[ $HOST =~ ^[0-9a-fA-F.:]+$ ]] || fail "HOST is '$HOST'; it must be an IP address, such as 127.0.0.1 or 0.0.0.0"
    [[ $CURRENCY =~ ^[A-Za-z]{3}$ ]] || fail "CURRENCY is '$CURRENCY'; it must be a three-letter code, such as USD"
    CURRENCY=${CURRENCY^^}
    RATE_LIMIT=${RATE_LIMIT,,}
    [[ $RATE_LIMIT =~ ^(on|off)$ ]] || fail "RATE_LIMIT is '$RATE_LIMIT'; it must be on or off"
    if ! [[ $BCRYPT_COST =~ ^[1-9][0-9]?$ ]] || [ "$BCRYPT_COST" -lt 4 ] || [ "$BCRYPT_COST" -gt 15 ]; then
        fail "BCRYPT_COST is '$BCRYPT_COST'; it must be a number from 4 to 15"
    fi
    # Each viewer holds one of Apache's 384 threads (conf/httpd.conf): the rest is for the API.
    if ! [[ $MAX_VIEWERS =~ ^[1-9][0-9]{0,2}$ ]] || [ "$MAX_VIEWERS" -gt 256 ]; then
        fail "MAX_VIEWERS is '$MAX_VIEWERS'; it must be a number from 1 to 256"
    fi
    [ -z "$JWT_SECRET" ] || [ "$(printf %s "$JWT_SECRET" | wc -c)" -ge 32 ] || fail "JWT_SECRET is too short; it must have at least 32 bytes"
    # These characters would end or change the line of Apache's configuration that the value is written to.
    local name
    for name in RUN_DIR MONGODB_URI checkout; do
        # shellcheck disable=SC2016 # the two characters themselves
        [[ ${!name} != *[\"\\[:cntrl:]]* && ${!name} != *'${'* ]] ||
            fail "$name must not contain quotes, backslashes, control characters or \${"
    done
    [ -z "$MONGODB_URI" ] || [[ $MONGODB_URI =~ ^mongodb(\+srv)?://. ]] ||
        fail "MONGODB_URI must begin with mongodb:// or mongodb+srv://"
}
