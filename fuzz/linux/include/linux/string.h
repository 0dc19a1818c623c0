// Copies and fills: the compiler announces none of them, so these do.
#pragma once

#include <linux/types.h>

void* rcufarm_memcpy(void* to, const void* from, size_t bytes);
void* rcufarm_memset(void* to, int byte, size_t bytes);
int rcufarm_memcmp(const void* a, const void* b, size_t bytes);
#define memcpy(to, from, bytes) rcufarm_memcpy(to, from, bytes)
#define memset(to, byte, bytes) rcufarm_memset(to, byte, bytes)
#define memcmp(a, b, bytes) rcufarm_memcmp(a, b, bytes)
