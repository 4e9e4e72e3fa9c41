/* GET /api/openapi.json: the document beside this file, put into the module when it is built. */
#include <pthread.h>
#include <stdint.h>

#include "handlers.h"

__asm__(".section .rodata\n"
        ".global openapi_text\n"
        ".hidden openapi_text\n"
        ".global openapi_text_end\n"
        ".hidden openapi_text_end\n"
        "openapi_text:\n"
        ".incbin \"mod_orders/openapi.json\"\n"
        "openapi_text_end:\n"
        ".byte 0\n"
        ".previous\n");

extern const char openapi_text[] __attribute__((visibility("hidden")));
extern const char openapi_text_end[] __attribute__((visibility("hidden")));

static pthread_once_t hashed = PTHREAD_ONCE_INIT;
static int64_t text_version;

/* FNV-1a: the same document has the same tag, in every process and after every restart. */
static void hash_text(void)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    const char *at;

    for (at = openapi_text; at < openapi_text_end; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    text_version = (int64_t)(hash >> 1) | 1;
}

problem_t *openapi_get(orders_request *request)
{
    pthread_once(&hashed, hash_text);
    request->version = text_version;
    out_mem(&request->out, openapi_text, (size_t)(openapi_text_end - openapi_text));
    return NULL;
}
