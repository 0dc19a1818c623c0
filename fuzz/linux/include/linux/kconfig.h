// IS_ENABLED(CONFIG_X): 1 if the build defines CONFIG_X as 1 (./farm kernel --config), else 0.
#pragma once

#define RCUFARM_IF_ONE_1 0, 0
#define RCUFARM_IS_ONE(value) RCUFARM_IS_ONE_(RCUFARM_IF_ONE_##value)
#define RCUFARM_IS_ONE_(pair) RCUFARM_IS_ONE__(pair, 1, 0)
#define RCUFARM_IS_ONE__(...) RCUFARM_IS_ONE___(__VA_ARGS__, 0)
#define RCUFARM_IS_ONE___(first, second, third, ...) third
#define IS_ENABLED(option) RCUFARM_IS_ONE(option)
