#define RCUFARM_URCU_QSBR 1
#include <urcu/rcufarm.h>
