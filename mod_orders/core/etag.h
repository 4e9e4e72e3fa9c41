/* Entity tags: `"<version>"` (RFC 9110, section 8.8.3), with the suffix that compression adds taken off. */
#ifndef CORE_ETAG_H
#define CORE_ETAG_H

#include <stdbool.h>
#include <stdint.h>

#define ETAG_LIST_MAX 16

typedef struct etag_list {
    bool present; /* the header was sent */
    bool any;     /* it was `*` */
    int count;
    int64_t version[ETAG_LIST_MAX]; /* entries that are not one of our tags are left out: they match nothing */
} etag_list;

/* Parses If-Match or If-None-Match; NULL is "not sent". `"3"`, `"3-gzip"`, `"3-br"`, `W/"3"` all are version 3. */
void etag_parse(const char *header, etag_list *list);
/* True when `version` is among them, or the list is `*`. */
bool etag_matches(const etag_list *list, int64_t version);

#endif
