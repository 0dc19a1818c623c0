# pop() reads the first node before it has the lock.
# Found as: handed-out-twice|freed-twice|corrupted-list|leak|use-after-free|no-end|bad-free
/^static struct pcpu_freelist_node \*___pcpu_freelist_pop(struct/,/^}/{
s/if (!READ_ONCE(head->first))/if (!(node = READ_ONCE(head->first)))/
s/^\t\tnode = head->first;//
}
