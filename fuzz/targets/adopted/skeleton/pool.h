#ifndef POOL_H
#define POOL_H

#include <stddef.h>

void* pool_get(size_t bytes);
void pool_put(void* object);
void pool_empty(void);

#endif
