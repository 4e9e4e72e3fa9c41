/* The log: one line an occurrence, on standard error, where systemd or the launcher keeps it. From any thread. No tokens,
 * no bodies: callers pass none.
 */
#ifndef WSBRIDGE_LOG_H
#define WSBRIDGE_LOG_H

#include <stddef.h>

typedef enum { LOG_ERROR, LOG_WARNING, LOG_INFO } log_level;

void log_line(log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A text of the client's made fit for the log: what is not printable ASCII, quotes and backslashes become '?'. Returns
 * `out`. */
const char *log_clean(char *out, size_t size, const char *text);

#endif
