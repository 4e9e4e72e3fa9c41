#include "terms.h"

#include <apr_strings.h>
#include <locale.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <wctype.h>

#define EMAIL_MAX_BYTES 254 /* RFC 5321, section 4.5.3.1.3 */
#define LAST_CODE_POINT 0x10FFFF

static locale_t unicode;
static pthread_once_t unicode_once = PTHREAD_ONCE_INIT;

/* A locale of our own: the process's belongs to httpd. Without C.UTF-8 the classification is ASCII's. */
static void make_unicode(void)
{
    unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!unicode)
        unicode = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
}

static locale_t unicode_locale(void)
{
    pthread_once(&unicode_once, make_unicode);
    return unicode;
}

/* One decoded character: `size` bytes at its place; a byte that starts no well-formed sequence has `code` -1. */
typedef struct character {
    int32_t code;
    size_t size;
} character;

static character decode(const char *text)
{
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text;
    character bad = {-1, 1};
    if (p[0] < 0x80)
        return (character){p[0], 1};
    size_t size = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4)
        return bad;
    int32_t code = p[0] & (0x7F >> size);
    for (size_t i = 1; i < size; i++) { /* the text's NUL is no continuation: never read past it */
        if ((p[i] & 0xC0) != 0x80)
            return bad;
        code = code << 6 | (p[i] & 0x3F);
    }
    if (code < least[size] || code > LAST_CODE_POINT || (code >= 0xD800 && code <= 0xDFFF))
        return bad;
    return (character){code, size};
}

static size_t encode(char *at, int32_t code)
{
    if (code < 0x80) {
        at[0] = (char)code;
        return 1;
    }
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, code >>= 6)
        at[i] = (char)(0x80 | (code & 0x3F));
    at[0] = (char)((0xF00 >> size & 0xFF) | code);
    return size;
}

static bool is_space(int32_t code)
{
    /* iswspace leaves out the spaces that don't break lines; people paste them all the same. */
    return code == 0xA0 || code == 0x2007 || code == 0x202F || code == 0xFEFF ||
           (code > 0 && iswspace_l((wint_t)code, unicode_locale()));
}

static bool is_word_part(int32_t code)
{
    return code > 0 && iswalnum_l((wint_t)code, unicode_locale());
}

const char *terms_lower(apr_pool_t *pool, const char *text)
{
    locale_t locale = unicode_locale();
    /* The lower-case letter can be the longer one: U+023A has two bytes, U+2C65 three. */
    char *lower = apr_palloc(pool, strlen(text) * 2 + 1), *end = lower;
    while (*text) {
        character c = decode(text);
        if (c.code < 0)
            *end++ = *text;
        else
            end += encode(end, (int32_t)towlower_l((wint_t)c.code, locale));
        text += c.size;
    }
    *end = '\0';
    return lower;
}

static bool has_word(const apr_array_header_t *words, const char *word)
{
    for (int i = 0; i < words->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(words, i, const char *), word) == 0)
            return true;
    return false;
}

void terms_split(apr_pool_t *pool, const char *text, apr_array_header_t *words)
{
    const char *p = terms_lower(pool, text);
    while (*p) {
        const char *start = p;
        character c;
        while (c = decode(p), is_word_part(c.code))
            p += c.size;
        if (p > start) {
            const char *word = apr_pstrmemdup(pool, start, (apr_size_t)(p - start));
            if (!has_word(words, word))
                APR_ARRAY_PUSH(words, const char *) = word;
        }
        if (*p)
            p += c.size;
    }
}

const char *terms_trim(apr_pool_t *pool, const char *text)
{
    const char *start = NULL, *end = text;
    while (*text) {
        character c = decode(text);
        if (!is_space(c.code)) {
            start = start ? start : text;
            end = text + c.size;
        }
        text += c.size;
    }
    return start ? apr_pstrmemdup(pool, start, (apr_size_t)(end - start)) : "";
}

/* Where the last character of text[0..len) starts. */
static size_t last_start(const char *text, size_t len)
{
    do
        len--;
    while (len && ((unsigned char)text[len] & 0xC0) == 0x80);
    return len;
}

/* MongoDB orders strings by their bytes, which for UTF-8 is the order of code points. */
const char *terms_prefix_end(apr_pool_t *pool, const char *prefix)
{
    size_t len = strlen(prefix);
    char *end = apr_palloc(pool, len + 4);
    memcpy(end, prefix, len + 1);
    while (len) {
        len = last_start(end, len);
        int32_t code = decode(end + len).code;
        end[len] = '\0';
        if (code < 0)
            return NULL;
        if (code == LAST_CODE_POINT)
            continue; /* nothing comes after it: raise the one before */
        code = code == 0xD7FF ? 0xE000 : code + 1;
        end[len + encode(end + len, code)] = '\0';
        return end;
    }
    return NULL;
}

static bool is_domain(const char *domain)
{
    size_t len = strlen(domain);
    return strchr(domain, '.') && domain[0] != '.' && domain[len - 1] != '.' && !strstr(domain, "..");
}

bool terms_is_email(const char *email)
{
    const char *at = strchr(email, '@');
    if (!at || at == email || strchr(at + 1, '@') || strlen(email) > EMAIL_MAX_BYTES || !is_domain(at + 1))
        return false;
    for (const char *p = email; *p;) {
        character c = decode(p);
        if (c.code < 0 || is_space(c.code) || iswcntrl_l((wint_t)c.code, unicode_locale()))
            return false;
        p += c.size;
    }
    return true;
}
