// Sizes of structs with an array at their end.
#pragma once

#define struct_size(pointer, array, n) (sizeof(*(pointer)) + sizeof(*(pointer)->array) * (size_t)(n))
