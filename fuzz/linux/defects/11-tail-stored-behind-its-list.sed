# A free stores the tail of its list once interrupts are on again: irq_work takes the list with the tail of an older one.
# Found as: corrupted-list|leak
/^static void notrace unit_free_rcu(/,/^}/ {
  s/^\tunsigned long flags;/&\n\tbool is_first = false;/
  s/^\t\tif (__llist_add(llnode, &c->free_by_rcu))/\t\tis_first = __llist_add(llnode, \&c->free_by_rcu);/
  /^\t\t\tc->free_by_rcu_tail = llnode;/d
  s/^\tlocal_irq_restore(flags);/&\n\tif (is_first)\n\t\tc->free_by_rcu_tail = llnode;/
}
