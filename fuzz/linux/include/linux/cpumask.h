// CPUs: all that there are are possible and online.
#pragma once

unsigned int rcufarm_cpus(void);
int smp_processor_id(void);

#define nr_cpu_ids rcufarm_cpus()
#define num_possible_cpus() rcufarm_cpus()
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (unsigned int)(cpu) < rcufarm_cpus(); ++(cpu))
#define for_each_online_cpu(cpu) for_each_possible_cpu(cpu)
static inline int cpu_to_node(int cpu) { return cpu; }
