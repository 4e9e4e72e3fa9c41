#include "token.h"

#include <apr_strings.h>
#include <bson/bson.h>
#include <jansson.h>
#include <jwt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CLOCK_SKEW 60 /* seconds another host's clock may be ahead */

/* libjwt signs and checks the signature. It checks next to nothing else, reads a claim of the wrong type as 0 and lets
 * the last of two claims win: so header and payload are parsed here, strictly, as well. */

static int add_claims(jwt_t *jwt, const token_t *token)
{
    return jwt_add_grant(jwt, "iss", TOKEN_ISSUER) || jwt_add_grant(jwt, "aud", TOKEN_AUDIENCE) ||
           jwt_add_grant(jwt, "sub", token->sub) || jwt_add_grant(jwt, "role", user_role_name(token->role)) ||
           jwt_add_grant_int(jwt, "ver", (long)token->ver) || jwt_add_grant_int(jwt, "iat", (long)token->iat) ||
           jwt_add_grant_int(jwt, "exp", (long)token->exp) ||
           jwt_add_grant_int(jwt, "auth_time", (long)token->auth_time);
}

const char *token_issue(apr_pool_t *pool, const keys_t *keys, const token_t *token)
{
    jwt_t *jwt = NULL;
    const char *text = NULL;
    if (jwt_new(&jwt) != 0)
        return NULL;
    if (jwt_set_alg(jwt, JWT_ALG_HS256, keys->token, KEY_SIZE) == 0 && add_claims(jwt, token) == 0) {
        char *encoded = jwt_encode_str(jwt);
        if (encoded)
            text = apr_pstrdup(pool, encoded);
        free(encoded);
    }
    jwt_free(jwt);
    return text;
}

/* Splits "header.payload.signature": exactly three parts, none empty. */
static bool split(apr_pool_t *pool, const char *text, char *part[3])
{
    size_t len = strnlen(text, TOKEN_MAX_LENGTH + 1);
    if (len > TOKEN_MAX_LENGTH)
        return false;
    part[0] = apr_pstrmemdup(pool, text, len);
    char *first = strchr(part[0], '.');
    char *second = first ? strchr(first + 1, '.') : NULL;
    if (!second || strchr(second + 1, '.'))
        return false;
    *first = *second = '\0';
    part[1] = first + 1;
    part[2] = second + 1;
    return *part[0] && *part[1] && *part[2];
}

/* The object in one base64url part, or NULL; the caller's to json_decref. */
static json_t *parse_part(apr_pool_t *pool, const char *part)
{
    size_t len;
    const unsigned char *decoded = keys_base64url_decode(pool, part, &len);
    if (!decoded)
        return NULL;
    json_t *json = json_loadb((const char *)decoded, len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}

/* jansson refuses U+0000, so a string ends where C thinks it does. */
static bool text_is(const json_t *object, const char *name, const char *expected)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value && strcmp(value, expected) == 0;
}

static bool header_good(apr_pool_t *pool, const char *part)
{
    json_t *header = parse_part(pool, part);
    bool good = header && text_is(header, "alg", "HS256") && !json_object_get(header, "crit");
    json_decref(header);
    return good;
}

static bool signature_good(apr_pool_t *pool, const keys_t *keys, const char *text, const char *signature)
{
    jwt_t *jwt = NULL;
    size_t len;
    if (!keys_base64url_decode(pool, signature, &len) || len != 32)
        return false;
    if (jwt_decode(&jwt, text, keys->token, KEY_SIZE) != 0)
        return false;
    bool good = jwt_get_alg(jwt) == JWT_ALG_HS256;
    jwt_free(jwt);
    return good;
}

static bool read_seconds(const json_t *payload, const char *name, int64_t *value)
{
    const json_t *claim = json_object_get(payload, name);
    if (!json_is_integer(claim) || json_integer_value(claim) < 0)
        return false;
    *value = json_integer_value(claim);
    return true;
}

static bool read_sub(const json_t *payload, char sub[25])
{
    const char *id = json_string_value(json_object_get(payload, "sub"));
    if (!id || strlen(id) != 24 || !bson_oid_is_valid(id, 24))
        return false;
    memcpy(sub, id, 25);
    return true;
}

static bool read_claims(const json_t *payload, token_t *token)
{
    const char *role = json_string_value(json_object_get(payload, "role"));
    token->role = role ? user_role_parse(role) : ROLE_NONE;
    return text_is(payload, "iss", TOKEN_ISSUER) && text_is(payload, "aud", TOKEN_AUDIENCE) &&
           token->role != ROLE_NONE && read_sub(payload, token->sub) && read_seconds(payload, "ver", &token->ver) &&
           read_seconds(payload, "iat", &token->iat) && read_seconds(payload, "exp", &token->exp) &&
           read_seconds(payload, "auth_time", &token->auth_time);
}

token_result token_verify(apr_pool_t *pool, const keys_t *keys, const char *text, int64_t now, token_t *token)
{
    char *part[3];
    if (!split(pool, text, part) || !header_good(pool, part[0]) || !signature_good(pool, keys, text, part[2]))
        return TOKEN_INVALID;
    json_t *payload = parse_part(pool, part[1]);
    bool good = payload && read_claims(payload, token);
    json_decref(payload);
    if (!good || token->iat > now + CLOCK_SKEW || token->auth_time > token->iat || token->exp <= token->iat)
        return TOKEN_INVALID;
    return token->exp <= now ? TOKEN_EXPIRED : TOKEN_OK;
}
