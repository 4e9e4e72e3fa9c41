# Turns what `make -n` would run into a compilation database. `folder` is the checkout.
function quoted(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}

BEGIN { print "[" }
/^gcc .* -MMD / {
    # A test is compiled and linked in one command: what only the linker takes is left out.
    for (i = 1; i <= NF; i++)
        if ($i ~ /^(-Wl,|-l|-L)|\.a$/) $i = ""
    for (i = NF; i > 1 && $i !~ /\.c$/; i--) continue
    printf "%s  {\"directory\": %s, \"file\": %s, \"command\": %s}", count++ ? ",\n" : "", quoted(folder), quoted($i), quoted($0)
}
END { print "\n]" }
