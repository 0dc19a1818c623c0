// Put before everything else (-include) where the allocator is compiled to be watched for bare accesses: the port's own
// functions may touch what they wrap, and are not watched. No inlining then, or their accesses would be their callers'.
#pragma once

#pragma clang attribute push(__attribute__((no_sanitize("coverage"))), apply_to = function)
#include "kernel_port.h"
#pragma clang attribute pop
