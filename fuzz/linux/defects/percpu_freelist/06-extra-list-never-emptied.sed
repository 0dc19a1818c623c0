# pop() does not look at the extra list, so that what an nmi put there is lost.
# Found as: leak
/^static struct pcpu_freelist_node \*___pcpu_freelist_pop(struct/,/^}/s/if (!READ_ONCE(s->extralist.first))/if (1)/
