#include "ctl.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "core/password.h"
#include "core/terms.h"

#define NAME_MAX_CHARS 200

int ctl_input_email(const ctl_t *ctl, const char **email)
{
    const char *given = ctl_option_value(ctl, "email");
    if (!bson_utf8_validate(given, strlen(given), false) || !terms_is_email(terms_trim(ctl->pool, given)))
        return ctl_fail(ctl, CTL_USAGE, "usage", "--email: '%s' is no e-mail address; it must read like name@shop.com.",
                        given);
    *email = terms_lower(ctl->pool, terms_trim(ctl->pool, given));
    return CTL_OK;
}

static size_t code_points(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static bool has_controls(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    }
    return false;
}

int ctl_input_name(const ctl_t *ctl, const char **name)
{
    const char *given = ctl_option_value(ctl, "name");
    const char *trimmed = terms_trim(ctl->pool, given);
    size_t length = code_points(trimmed);
    if (!bson_utf8_validate(given, strlen(given), false) || has_controls(trimmed) || length < 1 ||
        length > NAME_MAX_CHARS)
        return ctl_fail(ctl, CTL_USAGE, "usage",
                        "--name: '%s' is no name; allowed are 1 to %d characters of UTF-8 without control characters.",
                        given, NAME_MAX_CHARS);
    *name = trimmed;
    return CTL_OK;
}

int ctl_input_role(const ctl_t *ctl, user_role *role)
{
    *role = user_role_parse(ctl_option_value(ctl, "role"));
    if (*role == ROLE_NONE)
        return ctl_fail(ctl, CTL_USAGE, "usage", "--role: '%s' is no role; allowed are customer and admin.",
                        ctl_option_value(ctl, "role"));
    return CTL_OK;
}

char *ctl_input_line(const char *prompt, size_t *size)
{
    struct termios shown, hidden;
    char *line = NULL;
    bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        fputs(prompt, stderr);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    ssize_t len = getline(&line, size, stdin);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    if (len >= 0 && strlen(line) == (size_t)len) {
        line[strcspn(line, "\r\n")] = '\0';
        return line;
    }
    free(line);
    return NULL;
}

int ctl_input_password(const ctl_t *ctl, const char **hash)
{
    size_t size = 0;
    int cost, failed = ctl_find_cost(ctl, &cost);
    if (failed)
        return failed;
    char *line = ctl_input_line("Password: ", &size);
    if (!line)
        return ctl_fail(ctl, CTL_USAGE, "usage", "standard input has no line with a password.");
    bool good = bson_utf8_validate(line, strlen(line), false) && password_check_length(line) == PASSWORD_OK;
    *hash = good ? password_hash(ctl->pool, line, cost) : NULL;
    OPENSSL_cleanse(line, size);
    free(line);
    if (!good)
        return ctl_fail(ctl, CTL_USAGE, "usage",
                        "the password must have at least %d characters and at most %d bytes of UTF-8.",
                        PASSWORD_MIN_CHARS, PASSWORD_MAX_BYTES);
    if (!*hash)
        return ctl_fail(ctl, CTL_FINDING, "no-randomness", "the system gives no random numbers.");
    return CTL_OK;
}
