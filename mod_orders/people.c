#include "people.h"

#include <apr_strings.h>
#include <string.h>

#define TOKENS        4096
#define TOKEN_KEY_MAX 448 /* tokens of our own making are shorter */
#define NAMES         4096
#define NAME_SIZE     208 /* longer ones are read each time */
#define EMAIL_SIZE    128

struct people_t {
    cache_t *tokens; /* the JWT → token_t */
    cache_t *names;  /* user id → person */
};

typedef struct person {
    char name[NAME_SIZE], email[EMAIL_SIZE];
} person;

people_t *people_create(apr_pool_t *pool)
{
    people_t *people = apr_pcalloc(pool, sizeof(*people));

    people->tokens = cache_create(pool, TOKENS, TOKEN_KEY_MAX, sizeof(token_t));
    people->names = cache_create(pool, NAMES, sizeof(bson_oid_t), sizeof(person));
    return people;
}

token_result people_verify(people_t *people, apr_pool_t *pool, const keys_t *keys, const char *text, apr_time_t now,
                           token_t *token)
{
    size_t len = strlen(text);
    token_result result;

    if (cache_get(people->tokens, text, len, now, token))
        return TOKEN_OK;
    result = token_verify(pool, keys, text, apr_time_sec(now), token);
    if (result == TOKEN_OK)
        cache_put(people->tokens, text, len, token, apr_time_from_sec(token->exp));
    return result;
}

bool people_name(people_t *people, apr_pool_t *pool, const bson_oid_t *user, const char **name, const char **email)
{
    person kept;

    if (!cache_get(people->names, user, sizeof(*user), apr_time_now(), &kept))
        return false;
    *name = apr_pstrdup(pool, kept.name);
    *email = apr_pstrdup(pool, kept.email);
    return true;
}

void people_keep_name(people_t *people, const bson_oid_t *user, const char *name, const char *email)
{
    person kept;

    if (!name || !email || strlen(name) >= sizeof(kept.name) || strlen(email) >= sizeof(kept.email))
        return;
    memset(&kept, 0, sizeof(kept));
    apr_cpystrn(kept.name, name, sizeof(kept.name));
    apr_cpystrn(kept.email, email, sizeof(kept.email));
    cache_put(people->names, user, sizeof(*user), &kept, apr_time_now() + apr_time_from_sec(PEOPLE_SECONDS));
}
