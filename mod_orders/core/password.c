#include "password.h"

#include <apr_errno.h>
#include <apr_md5.h>
#include <apr_strings.h>
#include <openssl/rand.h>
#include <string.h>

#define SALT_SIZE 16
#define HASH_SIZE 61

password_length password_check_length(const char *password)
{
    size_t bytes = 0, chars = 0;
    for (; password[bytes]; bytes++)
        chars += ((unsigned char)password[bytes] & 0xC0) != 0x80;
    if (bytes > PASSWORD_MAX_BYTES)
        return PASSWORD_TOO_LONG;
    return chars < PASSWORD_MIN_CHARS ? PASSWORD_TOO_SHORT : PASSWORD_OK;
}

const char *password_hash(apr_pool_t *pool, const char *password, int cost)
{
    unsigned char salt[SALT_SIZE];
    char *hash = apr_palloc(pool, HASH_SIZE);
    if (RAND_bytes(salt, sizeof salt) != 1)
        return NULL;
    if (apr_bcrypt_encode(password, (unsigned)cost, salt, sizeof salt, hash, HASH_SIZE) != APR_SUCCESS)
        return NULL;
    return hash;
}

bool password_verify(const char *password, const char *hash)
{
    /* APR also takes MD5, SHA-1, crypt and clear text: only bcrypt is ours. A password past what bcrypt reads would
     * verify by its first 72 bytes. */
    if (!hash || strncmp(hash, "$2", 2) != 0 || strlen(password) > PASSWORD_MAX_BYTES)
        return false;
    return apr_password_validate(password, hash) == APR_SUCCESS;
}

void password_verify_nobody(apr_pool_t *pool, const char *password, int cost)
{
    /* Well-formed, so that the whole work is done; of no known password. */
    const char *hash = apr_psprintf(pool, "$2y$%02d$nobodynobodynobodynobuJf5qVGrhzeXWvrAsKUBfDpKJ0qd8O7m", cost);
    volatile bool fits = password_verify(password, hash);
    (void)fits;
}
