#include "etag.h"

#include <stddef.h>
#include <string.h>

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

/* What mod_deflate and mod_brotli put behind our tag. */
static bool is_suffix(const char *p, size_t len)
{
    return len == 0 || (len == 5 && memcmp(p, "-gzip", 5) == 0) || (len == 3 && memcmp(p, "-br", 3) == 0);
}

/* The version in a tag's text, or -1. Tags are compared as text, so "03" is not "3". */
static int64_t tag_version(const char *p, size_t len)
{
    int64_t version = 0;
    size_t digits = 0;
    while (digits < len && p[digits] >= '0' && p[digits] <= '9') {
        if (__builtin_mul_overflow(version, 10, &version) || __builtin_add_overflow(version, p[digits] - '0', &version))
            return -1;
        digits++;
    }
    if (digits == 0 || (p[0] == '0' && digits > 1) || !is_suffix(p + digits, len - digits))
        return -1;
    return version;
}

/* One entity tag; returns what follows it, or NULL when there is none. */
static const char *read_tag(const char *p, etag_list *list)
{
    if (p[0] == 'W' && p[1] == '/')
        p += 2;
    if (*p != '"')
        return NULL;
    const char *text = p + 1, *end = strchr(text, '"');
    if (!end)
        return NULL;
    int64_t version = tag_version(text, (size_t)(end - text));
    if (version >= 0 && list->count < ETAG_LIST_MAX)
        list->version[list->count++] = version;
    return end + 1;
}

void etag_parse(const char *header, etag_list *list)
{
    *list = (etag_list){.present = header != NULL};
    if (!header)
        return;
    const char *p = skip_blanks(header);
    if (*p == '*') {
        list->any = *skip_blanks(p + 1) == '\0';
        return;
    }
    /* Past something that is no tag nothing more is read: the rest matches nothing either. */
    while (*(p += strspn(p, " \t,"))) { /* empty entries are allowed (RFC 9110, section 5.6.1) */
        p = read_tag(p, list);
        if (!p)
            return;
        p = skip_blanks(p);
        if (*p && *p != ',')
            return;
    }
}

bool etag_matches(const etag_list *list, int64_t version)
{
    if (list->any)
        return true;
    for (int i = 0; i < list->count; i++)
        if (list->version[i] == version)
            return true;
    return false;
}
