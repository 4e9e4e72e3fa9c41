#include "dotenv.h"

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define FILE_MAX 65536

/* What stands behind "name=" on this line, or NULL. */
static const char *after_name(const char *line, const char *name)
{
    size_t len = strlen(name);
    while (*line == ' ' || *line == '\t')
        line++;
    if (strncmp(line, "export ", 7) == 0)
        line += 7 + strspn(line + 7, " \t");
    if (strncmp(line, name, len) != 0)
        return NULL;
    line += len + strspn(line + len, " \t");
    return *line == '=' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

/* The value that starts at `text`: quoted, or bare up to a comment or the line's end. */
static const char *take_value(apr_pool_t *pool, const char *text)
{
    const char *end;
    if (*text == '"' || *text == '\'') {
        end = strchr(text + 1, *text);
        if (end && !memchr(text, '\n', (size_t)(end - text)))
            return apr_pstrmemdup(pool, text + 1, (size_t)(end - text - 1));
    }
    for (end = text; *end && *end != '\n' && *end != '\r'; end++) {
        if (*end == '#' && (end == text || apr_isspace(end[-1])))
            break;
    }
    while (end > text && apr_isspace(end[-1]))
        end--;
    return apr_pstrmemdup(pool, text, (size_t)(end - text));
}

const char *dotenv_value(apr_pool_t *pool, const char *text, const char *name)
{
    const char *value = NULL;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *found = after_name(line, name);
        if (found)
            value = take_value(pool, found);
    }
    return value && *value ? value : NULL;
}

const char *dotenv_read_file(apr_pool_t *pool, const char *path)
{
    apr_file_t *file;
    apr_size_t len;
    char *text = apr_palloc(pool, FILE_MAX + 1);
    if (apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool) != APR_SUCCESS)
        return NULL;
    apr_status_t rv = apr_file_read_full(file, text, FILE_MAX, &len);
    apr_file_close(file);
    if (rv != APR_SUCCESS && rv != APR_EOF)
        return NULL;
    text[len] = '\0';
    return text;
}
