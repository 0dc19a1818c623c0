# pop() keeps the lock of a list that another has emptied meanwhile.
# Found as: deadlock|double-lock|unbalanced
/^static struct pcpu_freelist_node \*___pcpu_freelist_pop(struct/,/^}/s/^\t\traw_spin_unlock(&head->lock);//
