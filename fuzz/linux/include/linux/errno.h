// Error numbers: those of this system's own headers.
#pragma once

#include <asm/errno.h>
