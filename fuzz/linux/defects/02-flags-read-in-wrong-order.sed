# Destroy reads the tasks-trace flag before the regular one; a callback in between sets the first and clears the second. What
# hides this is that a draining cache is freed inline, so that goes; and each cache is its own target, so that 04 is not met.
# Found as: callback-on-freed-cache|warning|use-after-free|freed-in-use
/^static void do_call_rcu_ttrace/,/^}/ {
  /__free_rcu(&c->rcu_ttrace);/ {
    N
    d
  }
}
s/\*tgt = c->tgt;/*tgt = c;/
