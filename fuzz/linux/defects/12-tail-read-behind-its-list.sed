# irq_work reads the tail of the list that it has taken once an nmi may free again: the nmi's object is the tail of the next one.
# Found as: corrupted-list
/^static void check_free_by_rcu(/,/^}/ {
  /^\tc->waiting_for_gp_tail = c->free_by_rcu_tail;/d
  s/^\tdec_active(c, &flags);/&\n\tc->waiting_for_gp_tail = c->free_by_rcu_tail;/
}
