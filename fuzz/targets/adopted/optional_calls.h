// What a target may lack, of rcufarm_target.h: here its functions are weak, and null where nobody defines them.
#pragma once

#include "rcufarm_target.h"

extern "C" {
void rcufarm_target_destroy(void) __attribute__((weak));
void rcufarm_target_free_deferred(void* object, size_t bytes) __attribute__((weak));
void rcufarm_target_thread_begin(void) __attribute__((weak));
void rcufarm_target_thread_end(void) __attribute__((weak));
void rcufarm_target_read_lock(void) __attribute__((weak));
void rcufarm_target_read_unlock(void) __attribute__((weak));
void rcufarm_target_quiescent(void) __attribute__((weak));
}
