/* Accounts: registering, signing in and out, changing one's password. */
#include "handlers.h"

#include <apr_strings.h>
#include <string.h>

#include "core/body.h"
#include "core/bson_json.h"
#include "core/hashing.h"
#include "core/password.h"
#include "core/terms.h"
#include "core/user_store.h"
#include "shared.h"

#define NAME_MAX_CHARS  200
#define EMAIL_MAX_CHARS 254
#define TRIES           10 /* passwords for one account from one address at once, refilled over … */
#define TRIES_SECONDS   60

/* Adds what is wrong with a new password. NULL: its absence was told already. */
static void check_new_password(orders_request *request, const char *pointer, const char *password, problem_t **problem)
{
    password_length length = password ? password_check_length(password) : PASSWORD_OK;
    if (length == PASSWORD_TOO_SHORT)
        problem_field_add(problem, request->pool, pointer, "too-short", "Must have at least %d characters.",
                          PASSWORD_MIN_CHARS);
    if (length == PASSWORD_TOO_LONG)
        problem_field_add(problem, request->pool, pointer, "too-long",
                          "Must have at most %d bytes in UTF-8 (letters beyond ASCII take two to four).",
                          PASSWORD_MAX_BYTES);
}

/* Hashing waits and works for long: no database connection is kept meanwhile. */
static problem_t *run_hashing(orders_request *request, hashing_work work, void *data)
{
    orders_request_done_with_conn(request);
    return hashing_run(request->pool, request->deadline, work, data);
}

static problem_t *limit_tries(orders_request *request, const char *account)
{
    const char *key = apr_pstrcat(request->pool, request->r->useragent_ip, "|", account, NULL);
    int wait = request->config->rate_limit ? rate_take("login-account", key, TRIES, TRIES_SECONDS) : 0;
    if (!wait)
        return NULL;
    problem_t *problem = problem_make(request->pool, "too-many-requests",
                                      "Too many passwords were tried for this account; try again in %d seconds.", wait);
    problem->retry_after = wait;
    return problem;
}

/* {user, token, expiresAt}, and both cookies. */
static problem_t *answer_session(orders_request *request, const bson_t *user)
{
    const char *token;
    int64_t expires;
    char id[25];
    bson_oid_to_string(store_oid(user, "_id"), id);
    problem_t *problem = auth_start_session(request->r, id, user_role_parse(store_text(user, "role")),
                                            store_int(user, "tokenVersion", 0), 0, &token, &expires);
    if (problem)
        return problem;
    out_lit(&request->out, "{\"user\":");
    bson_json_write_user(&request->out, user);
    out_lit(&request->out, ",\"token\":");
    out_json_str(&request->out, token);
    out_lit(&request->out, ",\"expiresAt\":\"");
    out_time(&request->out, expires * 1000);
    out_lit(&request->out, "\"}");
    return NULL;
}

/* ---- registering ---- */

typedef struct register_body {
    const char *name, *email, *password;
} register_body;

static const field register_fields[] = {
    {"name", FIELD_TEXT, true, 1, NAME_MAX_CHARS, offsetof(register_body, name)},
    {"email", FIELD_TEXT, true, 1, EMAIL_MAX_CHARS, offsetof(register_body, email)},
    {"password", FIELD_SECRET, true, 0, 0, offsetof(register_body, password)},
    {NULL, 0, 0, 0, 0, 0},
};

static problem_t *read_register(orders_request *request, register_body *body)
{
    problem_t *problem = NULL;
    body_fields(request->pool, request->body, "", register_fields, 0, body, &problem);
    if (body->email && !terms_is_email(body->email))
        problem_field_add(&problem, request->pool, "/email", "invalid-email",
                          "Must be an e-mail address like name@example.com.");
    check_new_password(request, "/password", body->password, &problem);
    return problem;
}

typedef struct new_hash {
    orders_request *request;
    const char *password, *hash;
} new_hash;

static void make_hash(void *data)
{
    new_hash *made = data;

    made->hash = password_hash(made->request->pool, made->password, made->request->config->bcrypt_cost);
}

static problem_t *hash_password(orders_request *request, const char *password, const char **hash)
{
    new_hash made = {.request = request, .password = password};
    problem_t *problem = run_hashing(request, make_hash, &made);

    if (problem)
        return problem;
    *hash = made.hash;
    return *hash ? NULL : problem_make(request->pool, "internal-error", NULL);
}

problem_t *users_register(orders_request *request)
{
    register_body body = {NULL, NULL, NULL};
    const char *hash;
    store_conn *conn;
    const bson_t *user;
    problem_t *problem;
    if ((problem = read_register(request, &body)) || (problem = hash_password(request, body.password, &hash)) ||
        (problem = orders_request_conn(request, &conn)))
        return problem;
    const user_new new_user = {.name = body.name,
                               .email = terms_lower(request->pool, body.email),
                               .password_hash = hash,
                               .role = ROLE_CUSTOMER};
    if ((problem = user_store_add(conn, &new_user, &user)))
        return problem;
    request->status = HTTP_CREATED;
    return answer_session(request, user);
}

/* ---- signing in and out ---- */

typedef struct login_body {
    const char *email, *password;
} login_body;

static const field login_fields[] = {
    {"email", FIELD_TEXT, true, 1, EMAIL_MAX_CHARS, offsetof(login_body, email)},
    {"password", FIELD_SECRET, true, 0, 0, offsetof(login_body, password)},
    {NULL, 0, 0, 0, 0, 0},
};

typedef struct tried_password {
    orders_request *request;
    const char *password, *hash;
    bool fits;
} tried_password;

/* Nobody's password makes the same work, so that time does not tell which addresses have accounts. */
static void verify(void *data)
{
    tried_password *tried = data;

    if (tried->hash)
        tried->fits = password_verify(tried->password, tried->hash);
    else
        password_verify_nobody(tried->request->pool, tried->password, tried->request->config->bcrypt_cost);
}

/* `user` NULL: nobody's. */
static problem_t *try_password(orders_request *request, const bson_t *user, const char *password, bool *fits)
{
    tried_password tried = {
        .request = request, .password = password, .hash = user ? store_text(user, "password") : NULL};
    problem_t *problem = NULL;

    if (strlen(password) <= PASSWORD_MAX_BYTES) /* else refused without hashing, known address or not */
        problem = run_hashing(request, verify, &tried);
    *fits = tried.fits;
    return problem;
}

static problem_t *wrong_credentials(orders_request *request)
{
    auth_unauthorized(request->r, AUTH_NOBODY); /* for the headers that every 401 has */
    return problem_make(request->pool, "wrong-credentials", "The e-mail address or the password is wrong.");
}

problem_t *users_login(orders_request *request)
{
    login_body body = {NULL, NULL};
    store_conn *conn;
    const bson_t *user;
    problem_t *problem = NULL;
    bool fits;
    body_fields(request->pool, request->body, "", login_fields, 0, &body, &problem);
    if (problem)
        return problem;
    const char *email = terms_lower(request->pool, body.email);
    if ((problem = hashing_look(request->pool)) || (problem = limit_tries(request, email)) ||
        (problem = orders_request_conn(request, &conn)) || (problem = user_store_find_email(conn, email, &user)) ||
        (problem = try_password(request, user, body.password, &fits)))
        return problem;
    return fits ? answer_session(request, user) : wrong_credentials(request);
}

problem_t *users_logout(orders_request *request)
{
    store_conn *conn;
    int64_t version;
    problem_t *problem;
    if ((problem = orders_request_conn(request, &conn)) ||
        (problem = user_store_end_tokens(conn, &request->who->id, &version)))
        return problem;
    auth_publish_version(request->r, &request->who->id, version);
    auth_clear_cookies(request->r);
    request->status = HTTP_NO_CONTENT;
    return NULL;
}

/* ---- a new password ---- */

typedef struct password_body {
    const char *current, *new;
} password_body;

static const field password_fields[] = {
    {"current", FIELD_SECRET, true, 0, 0, offsetof(password_body, current)},
    {"new", FIELD_SECRET, true, 0, 0, offsetof(password_body, new)},
    {NULL, 0, 0, 0, 0, 0},
};

static problem_t *wrong_password(orders_request *request)
{
    problem_t *problem = problem_make(request->pool, "wrong-password", "The current password is wrong.");
    problem_field_add(&problem, request->pool, "/current", "wrong-password", "This is not the current password.");
    return problem;
}

static problem_t *check_current(orders_request *request, const char *current)
{
    store_conn *conn;
    const bson_t *user;
    problem_t *problem;
    bool fits;
    if ((problem = limit_tries(request, request->who->id_text)) || (problem = orders_request_conn(request, &conn)) ||
        (problem = user_store_find(conn, &request->who->id, &user)) ||
        (problem = try_password(request, user, current, &fits)))
        return problem;
    return fits ? NULL : wrong_password(request);
}

problem_t *users_password(orders_request *request)
{
    password_body body = {NULL, NULL};
    const char *hash;
    store_conn *conn;
    const bson_t *user;
    problem_t *problem = NULL;
    body_fields(request->pool, request->body, "", password_fields, 0, &body, &problem);
    check_new_password(request, "/new", body.new, &problem);
    if (problem || (problem = check_current(request, body.current)) ||
        (problem = hash_password(request, body.new, &hash)) || (problem = orders_request_conn(request, &conn)) ||
        (problem = user_store_set_password(conn, &request->who->id, hash, &user)))
        return problem;
    if (!user)
        return problem_make(request->pool, "session-invalid", "This account is gone.");
    auth_publish_version(request->r, &request->who->id, store_int(user, "tokenVersion", 0));
    return answer_session(request, user);
}
