#include "bson_json.h"

#include <string.h>

#define EVERYONE (BJ_PUBLIC | BJ_ADMIN)
#define FIELD(bson, json, kind, views, sub)                                                                            \
    {                                                                                                                  \
        bson, json, ",\"" json "\":", sizeof(",\"" json "\":") - 1, kind, views, sub                                   \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        NULL, NULL, NULL, 0, BJ_ID, 0, NULL                                                                            \
    }

const bson_json_field bson_json_user[] = {
    FIELD("_id", "id", BJ_ID, EVERYONE, NULL),
    FIELD("name", "name", BJ_STRING, EVERYONE, NULL),
    FIELD("email", "email", BJ_STRING, EVERYONE, NULL),
    FIELD("role", "role", BJ_STRING, EVERYONE, NULL),
    FIELD("createdAt", "createdAt", BJ_TIME, EVERYONE, NULL),
    END,
};

const bson_json_field bson_json_product[] = {
    FIELD("_id", "id", BJ_ID, EVERYONE, NULL),
    FIELD("name", "name", BJ_STRING, EVERYONE, NULL),
    FIELD("sku", "sku", BJ_STRING, EVERYONE, NULL),
    FIELD("price", "price", BJ_MONEY, EVERYONE, NULL),
    FIELD("stock", "stock", BJ_INT, EVERYONE, NULL),
    FIELD("reserved", "reserved", BJ_INT, BJ_ADMIN, NULL),
    FIELD("active", "active", BJ_BOOL, EVERYONE, NULL),
    FIELD("version", "version", BJ_INT, EVERYONE, NULL),
    FIELD("createdAt", "createdAt", BJ_TIME, EVERYONE, NULL),
    FIELD("updatedAt", "updatedAt", BJ_TIME, EVERYONE, NULL),
    END,
};

static const bson_json_field customer[] = {
    FIELD("name", "name", BJ_STRING, EVERYONE, NULL),
    FIELD("email", "email", BJ_STRING, EVERYONE, NULL),
    END,
};

static const bson_json_field ship_to[] = {
    FIELD("name", "name", BJ_STRING, EVERYONE, NULL),       FIELD("lines", "lines", BJ_STRINGS, EVERYONE, NULL),
    FIELD("city", "city", BJ_STRING, EVERYONE, NULL),       FIELD("postcode", "postcode", BJ_STRING, EVERYONE, NULL),
    FIELD("country", "country", BJ_STRING, EVERYONE, NULL), END,
};

static const bson_json_field item[] = {
    FIELD("productId", "productId", BJ_ID, EVERYONE, NULL), FIELD("name", "name", BJ_STRING, EVERYONE, NULL),
    FIELD("quantity", "quantity", BJ_INT, EVERYONE, NULL),  FIELD("price", "price", BJ_MONEY, EVERYONE, NULL),
    FIELD("total", "total", BJ_MONEY, EVERYONE, NULL),      END,
};

static const bson_json_field actor[] = {
    FIELD("id", "id", BJ_ID, EVERYONE, NULL),
    FIELD("role", "role", BJ_STRING, EVERYONE, NULL),
    FIELD("name", "name", BJ_STRING, EVERYONE, NULL),
    END,
};

static const bson_json_field history_entry[] = {
    FIELD("version", "version", BJ_INT, EVERYONE, NULL),
    FIELD("at", "at", BJ_TIME, EVERYONE, NULL),
    FIELD("type", "type", BJ_STRING, EVERYONE, NULL),
    FIELD("from", "from", BJ_STRING, EVERYONE, NULL),
    FIELD("to", "to", BJ_STRING, EVERYONE, NULL),
    FIELD("actor", "actor", BJ_OBJECT, EVERYONE, actor),
    FIELD("reason", "reason", BJ_STRING, EVERYONE, NULL),
    FIELD("note", "note", BJ_STRING, EVERYONE, NULL),
    FIELD("requestId", "requestId", BJ_STRING, EVERYONE, NULL),
    END,
};

const bson_json_field bson_json_order[] = {
    FIELD("_id", "id", BJ_ID, EVERYONE, NULL),
    FIELD("number", "number", BJ_STRING, EVERYONE, NULL),
    FIELD("userId", "userId", BJ_ID, EVERYONE, NULL),
    FIELD("customer", "customer", BJ_OBJECT, EVERYONE, customer),
    FIELD("shipTo", "shipTo", BJ_OBJECT, EVERYONE, ship_to),
    FIELD("items", "items", BJ_OBJECTS, EVERYONE, item),
    FIELD("total", "total", BJ_MONEY, EVERYONE, NULL),
    FIELD("currency", "currency", BJ_STRING, EVERYONE, NULL),
    FIELD("status", "status", BJ_STRING, EVERYONE, NULL),
    FIELD("paymentReceived", "paymentReceived", BJ_BOOL, EVERYONE, NULL),
    FIELD("refundDue", "refundDue", BJ_BOOL, EVERYONE, NULL),
    FIELD("version", "version", BJ_INT, EVERYONE, NULL),
    FIELD("createdAt", "createdAt", BJ_TIME, EVERYONE, NULL),
    FIELD("updatedAt", "updatedAt", BJ_TIME, EVERYONE, NULL),
    FIELD("history", "history", BJ_OBJECTS, BJ_HISTORY, history_entry),
    END,
};

/* What all levels of one walk share. */
typedef struct walk {
    out_t *out;
    unsigned views;
    int exponent;
} walk_t;

static int write_members(const walk_t *walk, bson_iter_t *iter, const bson_json_field *fields);

static bool holds(const bson_iter_t *iter, bson_json_kind kind)
{
    bson_type_t type = bson_iter_type(iter);
    switch (kind) {
    case BJ_ID: return type == BSON_TYPE_OID;
    case BJ_STRING: return type == BSON_TYPE_UTF8;
    case BJ_INT:
    case BJ_MONEY: return type == BSON_TYPE_INT64 || type == BSON_TYPE_INT32;
    case BJ_TIME: return type == BSON_TYPE_DATE_TIME;
    case BJ_BOOL: return type == BSON_TYPE_BOOL;
    case BJ_OBJECT: return type == BSON_TYPE_DOCUMENT;
    case BJ_OBJECTS:
    case BJ_STRINGS: return type == BSON_TYPE_ARRAY;
    }
    return false;
}

static void write_id(out_t *out, const bson_oid_t *id)
{
    char text[26];
    bson_oid_to_string(id, text + 1); /* with a NUL where the quote comes */
    text[0] = text[25] = '"';
    out_mem(out, text, sizeof(text));
}

static void write_string(out_t *out, const bson_iter_t *iter)
{
    uint32_t len;
    const char *text = bson_iter_utf8(iter, &len);
    out_json_mem(out, text, len);
}

static void write_time(out_t *out, int64_t ms)
{
    out_char(out, '"');
    out_time(out, ms);
    out_char(out, '"');
}

static void write_object(const walk_t *walk, const bson_iter_t *iter, const bson_json_field *fields)
{
    bson_iter_t child;
    out_char(walk->out, '{');
    if (bson_iter_recurse(iter, &child))
        write_members(walk, &child, fields);
    out_char(walk->out, '}');
}

/* The elements of an array that are of its kind. */
static void write_array(const walk_t *walk, const bson_iter_t *iter, const bson_json_field *field)
{
    bson_json_kind kind = field->kind == BJ_STRINGS ? BJ_STRING : BJ_OBJECT;
    bson_iter_t child;
    bool first = true;
    out_char(walk->out, '[');
    for (bool ok = bson_iter_recurse(iter, &child); ok && bson_iter_next(&child);) {
        if (!holds(&child, kind))
            continue;
        if (!first)
            out_char(walk->out, ',');
        first = false;
        if (kind == BJ_STRING)
            write_string(walk->out, &child);
        else
            write_object(walk, &child, field->sub);
    }
    out_char(walk->out, ']');
}

static void write_value(const walk_t *walk, const bson_iter_t *iter, const bson_json_field *field)
{
    out_t *out = walk->out;
    switch (field->kind) {
    case BJ_ID: write_id(out, bson_iter_oid(iter)); break;
    case BJ_STRING: write_string(out, iter); break;
    case BJ_INT: out_int(out, bson_iter_as_int64(iter)); break;
    case BJ_MONEY: out_money(out, bson_iter_as_int64(iter), walk->exponent); break;
    case BJ_TIME: write_time(out, bson_iter_date_time(iter)); break;
    case BJ_BOOL:
        if (bson_iter_bool(iter))
            out_lit(out, "true");
        else
            out_lit(out, "false");
        break;
    case BJ_OBJECT: write_object(walk, iter, field->sub); break;
    case BJ_OBJECTS:
    case BJ_STRINGS: write_array(walk, iter, field); break;
    }
}

/* The table's row for a name. Documents mostly have their fields in the table's order, so the search starts behind the
 * row found last: one comparison a field instead of half the table. */
static const bson_json_field *find_field(const bson_json_field *fields, const bson_json_field *from, const char *name)
{
    for (const bson_json_field *field = from; field->bson; field++)
        if (strcmp(field->bson, name) == 0)
            return field;
    for (const bson_json_field *field = fields; field < from; field++)
        if (strcmp(field->bson, name) == 0)
            return field;
    return NULL;
}

static int write_members(const walk_t *walk, bson_iter_t *iter, const bson_json_field *fields)
{
    const bson_json_field *next = fields;
    int count = 0;
    while (bson_iter_next(iter)) {
        const bson_json_field *field = find_field(fields, next, bson_iter_key(iter));
        if (!field)
            continue;
        next = field + 1;
        if (!(field->views & walk->views) || !holds(iter, field->kind))
            continue;
        bool first = count++ == 0; /* no comma */
        out_mem(walk->out, field->key + first, field->key_len - first);
        write_value(walk, iter, field);
    }
    return count;
}

int bson_json_members(out_t *out, const bson_t *doc, const bson_json_field *fields, unsigned views, int exponent)
{
    walk_t walk = {out, views, exponent};
    bson_iter_t iter;
    return bson_iter_init(&iter, doc) ? write_members(&walk, &iter, fields) : 0;
}

static unsigned views_of(user_role role)
{
    return role == ROLE_ADMIN ? BJ_PUBLIC | BJ_ADMIN : BJ_PUBLIC;
}

void bson_json_write_user(out_t *out, const bson_t *doc)
{
    out_char(out, '{');
    bson_json_members(out, doc, bson_json_user, BJ_PUBLIC, 0);
    out_char(out, '}');
}

void bson_json_write_product(out_t *out, const bson_t *doc, user_role role, const char *currency, int exponent)
{
    out_char(out, '{');
    if (bson_json_members(out, doc, bson_json_product, views_of(role), exponent))
        out_char(out, ',');
    out_lit(out, "\"currency\":");
    out_json_str(out, currency);
    out_char(out, '}');
}

static void write_allowed(out_t *out, const bson_t *doc, user_role role)
{
    order_status allowed[ORDER_STATUS_COUNT], from = ORDER_STATUS_NONE;
    bson_iter_t iter;
    if (bson_iter_init_find(&iter, doc, "status") && BSON_ITER_HOLDS_UTF8(&iter))
        from = order_status_parse(bson_iter_utf8(&iter, NULL));
    int count = order_allowed(from, role, allowed);
    out_lit(out, "\"allowedTransitions\":[");
    for (int i = 0; i < count; i++) {
        out_str(out, i ? ",\"" : "\"");
        out_str(out, order_status_name(allowed[i]));
        out_char(out, '"');
    }
    out_char(out, ']');
}

void bson_json_write_order(out_t *out, const bson_t *doc, user_role role, bool history, int exponent)
{
    unsigned views = views_of(role) | (history ? BJ_HISTORY : 0U);
    out_char(out, '{');
    if (bson_json_members(out, doc, bson_json_order, views, exponent))
        out_char(out, ',');
    write_allowed(out, doc, role);
    out_char(out, '}');
}
