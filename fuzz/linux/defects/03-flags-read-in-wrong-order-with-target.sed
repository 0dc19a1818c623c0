# As 02, with the targets as they are: another cache's flag may be the one that is missed.
# Found as: callback-on-freed-cache|warning|use-after-free|freed-in-use
/^static void do_call_rcu_ttrace/,/^}/ {
  /__free_rcu(&c->rcu_ttrace);/ {
    N
    d
  }
}
