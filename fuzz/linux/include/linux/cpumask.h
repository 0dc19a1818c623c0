// CPUs: all that there are are possible and online.
#pragma once

unsigned int rcufarm_cpus(void);
int smp_processor_id(void);

#define nr_cpu_ids rcufarm_cpus()
#define num_possible_cpus() rcufarm_cpus()
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (unsigned int)(cpu) < rcufarm_cpus(); ++(cpu))
#define for_each_online_cpu(cpu) for_each_possible_cpu(cpu)
#define raw_smp_processor_id() smp_processor_id()
#define cpu_possible(cpu) ((unsigned int)(cpu) < rcufarm_cpus())
#define cpu_online(cpu) cpu_possible(cpu)

// Masks say nothing here: each is of all CPUs.
struct cpumask;
#define cpu_possible_mask ((const struct cpumask*)0)
#define cpu_online_mask cpu_possible_mask
// The CPU behind it, and behind the last the first. Before 6.15 told with where a loop began, which nothing here needs.
#define cpumask_next_wrap(cpu, ...) ((int)(((unsigned int)(cpu) + 1) % rcufarm_cpus()))
// All of them, beginning with one.
#define for_each_cpu_wrap(cpu, mask, start)                               \
  for (unsigned int rcufarm_begun = (unsigned int)(start), rcufarm_n = 0; \
       rcufarm_n < rcufarm_cpus() && ((cpu) = (int)((rcufarm_begun + rcufarm_n) % rcufarm_cpus()), true); ++rcufarm_n)
static inline int cpu_to_node(int cpu) { return cpu; }
