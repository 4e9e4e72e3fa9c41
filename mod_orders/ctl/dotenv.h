/* `.env` files: NAME=value lines, `#` comments, an optional `export`, values in '…' or "…" or bare. */
#ifndef ORDERS_CTL_DOTENV_H
#define ORDERS_CTL_DOTENV_H

#include <apr_pools.h>

/* The value of `name` in a `.env` text (the last one wins), or NULL when it has none or an empty one. */
const char *dotenv_value(apr_pool_t *pool, const char *text, const char *name);
/* A small file's whole text, or NULL when it cannot be read. */
const char *dotenv_read_file(apr_pool_t *pool, const char *path);

#endif
