#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

void log_line(log_level level, const char *format, ...)
{
    static const char *const names[] = {"error", "warn", "info"};
    char line[1024];
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t len = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &parts);
    len += (size_t)snprintf(line + len, sizeof line - len, ".%03ldZ %s ", now.tv_nsec / 1000000, names[level]);
    va_list args;
    va_start(args, format);
    int more = vsnprintf(line + len, sizeof line - len, format, args);
    va_end(args);
    len += more > 0 ? (size_t)more : 0;
    if (len > sizeof line - 2)
        len = sizeof line - 2;
    line[len++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, len); /* one write a line, so that threads don't mix */
    (void)written;                                     /* nowhere to say that the log can't be written */
}

const char *log_clean(char *out, size_t size, const char *text)
{
    size_t len = 0;
    for (; text[len] && len < size - 1; len++) {
        bool odd = text[len] < ' ' || text[len] > '~' || text[len] == '"' || text[len] == '\\';
        out[len] = text[len];
        if (odd)
            out[len] = '?';
    }
    out[len] = '\0';
    return out;
}
