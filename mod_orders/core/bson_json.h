/* BSON → JSON text, in one walk, straight into a buffer. What is written, and how, stands in a table of fields a collection. */
#ifndef CORE_BSON_JSON_H
#define CORE_BSON_JSON_H

#include <bson/bson.h>
#include <stdbool.h>
#include "order.h"
#include "out.h"

typedef enum {
    BJ_ID, /* ObjectId → 24 hex digits */
    BJ_STRING,
    BJ_INT,
    BJ_MONEY, /* int64 minor units → decimal number in major units */
    BJ_TIME,  /* date → ISO 8601 */
    BJ_BOOL,
    BJ_OBJECT,  /* sub-document, by `sub` */
    BJ_OBJECTS, /* array of sub-documents, by `sub` */
    BJ_STRINGS  /* array of strings */
} bson_json_kind;

/* Which views show a field: bits. */
enum { BJ_PUBLIC = 1, BJ_ADMIN = 2, BJ_HISTORY = 4 };

typedef struct bson_json_field {
    const char *bson; /* name in the document */
    const char *json; /* name in the answer; a table ends with a row whose bson is NULL */
    const char *key;  /* the same as it is written: ,"name": */
    size_t key_len;
    bson_json_kind kind;
    unsigned views; /* shown when it shares a bit with the caller's views */
    const struct bson_json_field *sub;
} bson_json_field;

extern const bson_json_field bson_json_user[];    /* id, name, email, role, createdAt; never the password */
extern const bson_json_field bson_json_product[]; /* BJ_ADMIN adds reserved */
extern const bson_json_field bson_json_order[];   /* BJ_HISTORY adds history; never idempotency */

/* Writes the document's fields that the table names, in the document's order, as `"a":1,"b":2` WITHOUT braces,
 * so that the caller can add members. Returns the number of members written. Fields whose BSON type is not the
 * table's are left out (the validator keeps them from being). `exponent`: the currency's. */
int bson_json_members(out_t *out, const bson_t *doc, const bson_json_field *fields, unsigned views, int exponent);

/* A whole user / product / order object. `role` is the caller's: it decides views and allowedTransitions. */
void bson_json_write_user(out_t *out, const bson_t *doc);
void bson_json_write_product(out_t *out, const bson_t *doc, user_role role, const char *currency, int exponent);
void bson_json_write_order(out_t *out, const bson_t *doc, user_role role, bool history, int exponent);

#endif
