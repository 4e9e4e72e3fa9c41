/* CSV (RFC 4180) that spreadsheets can open without running what customers typed. */
#ifndef CORE_CSV_H
#define CORE_CSV_H

#include <stdbool.h>
#include "out.h"

/* One cell, quoted where it must be; text that starts with = + - @ TAB CR is preceded by an apostrophe. */
void csv_text(out_t *out, const char *text, bool first);
/* Separator when not first, then the caller writes a number, a time or a word that needs no quoting. */
void csv_next(out_t *out, bool first);
void csv_end(out_t *out); /* CRLF */

#endif
