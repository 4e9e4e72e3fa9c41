/* Memory for small, bounded things. A process that can't have a few hundred bytes can't serve anyone: it says so and
 * ends, and whoever watches it starts it afresh. What grows with a client's input is bounded before it gets here.
 */
#ifndef PROTOCOL_MEM_H
#define PROTOCOL_MEM_H

#include <stddef.h>

/* Never return NULL; `mem_zero` memory is zeroed. Freed with free(). */
void *mem_alloc(size_t size);
void *mem_zero(size_t size);
void *mem_grow(void *old, size_t size);
char *mem_copy(const char *text, size_t len); /* with a NUL behind it */

#endif
