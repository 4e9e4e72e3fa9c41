/* Passwords: bcrypt ($2y$), through APR. Hashing takes tens of milliseconds; callers bound how many run at once. */
#ifndef CORE_PASSWORD_H
#define CORE_PASSWORD_H

#include <apr_pools.h>
#include <stdbool.h>

#define PASSWORD_MIN_CHARS 8
#define PASSWORD_MAX_BYTES 72 /* bcrypt reads no further */
#define PASSWORD_COST_MIN  4
#define PASSWORD_COST_MAX  15

typedef enum { PASSWORD_OK, PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG } password_length;

/* Characters are Unicode code points of valid UTF-8. */
password_length password_check_length(const char *password);
/* A new hash with a random salt, or NULL when the system gives no randomness. */
const char *password_hash(apr_pool_t *pool, const char *password, int cost);
/* True only for a $2 hash that fits; a damaged or foreign hash is false. */
bool password_verify(const char *password, const char *hash);
/* Does the work of one password_verify of that cost with a made-up hash: so that an unknown e-mail takes as long. */
void password_verify_nobody(apr_pool_t *pool, const char *password, int cost);

#endif
