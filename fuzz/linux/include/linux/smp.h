// Which CPU this is.
#pragma once

#include <linux/cpumask.h>
