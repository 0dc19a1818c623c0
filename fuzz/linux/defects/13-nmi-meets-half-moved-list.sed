# irq_work moves the list of what was freed without `active`: an nmi's free comes in the middle.
# Found as: corrupted-list|leak
/^static void check_free_by_rcu(/,/^}/ {
  /^\tinc_active(c, &flags);/d
  /^\tdec_active(c, &flags);/d
}
