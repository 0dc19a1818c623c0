// Object cgroups. A scenario's machine has one, or none; the root is never charged.
#pragma once

#include <linux/types.h>

struct obj_cgroup;
struct mem_cgroup;
extern struct mem_cgroup* root_mem_cgroup;

struct obj_cgroup* get_obj_cgroup_from_current(void);
// The same without a reference.
struct obj_cgroup* current_obj_cgroup(void);
static inline bool obj_cgroup_is_root(struct obj_cgroup* objcg) { return objcg == NULL; }
void obj_cgroup_get(struct obj_cgroup* objcg);
void obj_cgroup_put(struct obj_cgroup* objcg);
struct mem_cgroup* get_mem_cgroup_from_objcg(struct obj_cgroup* objcg);
void mem_cgroup_put(struct mem_cgroup* memcg);
// Whom the allocations of this context are charged to from now on; whom they were until now.
struct mem_cgroup* set_active_memcg(struct mem_cgroup* memcg);
