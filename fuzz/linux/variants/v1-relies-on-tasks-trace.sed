# Frees behind the tasks-trace grace period alone and does not ask whether that is enough, as kernels since 7.0 do: it is. No mistake.
# Found as: Nothing found
/^static void __free_rcu_tasks_trace/,/^}/d
s/__free_rcu_tasks_trace);/__free_rcu);/
/if (!rcu_trace_implies_rcu_gp())/ {
  N
  d
}
