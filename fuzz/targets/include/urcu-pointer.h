#include <urcu/rcufarm.h>
