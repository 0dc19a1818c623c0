# push() takes no lock and publishes its node by an exchange that orders nothing; pops keep theirs. On arm64 and POWER the next owner
# has the node before what the last one wrote.
# Found as: leak|handed-out-twice|freed-twice|corrupted-list|corrupted|use-after-free|bad-free
# Model: kernel
/^static inline void ___pcpu_freelist_push(/,/^}/s/^\traw_spin_\(un\)\?lock.*//
s/^\tnode->next = head->first;/\tstruct pcpu_freelist_node *seen = READ_ONCE(head->first), *found;\n\tfor (;;) {\n\t\tnode->next = seen;\n\t\tfound = cmpxchg_relaxed(\&head->first, seen, node);\n\t\tif (found == seen)\n\t\t\tbreak;\n\t\tseen = found;\n\t}/
s/^\tWRITE_ONCE(head->first, node);//
s/WRITE_ONCE(\(.*\)first, node->next);/while (cmpxchg(\&\1first, node, node->next) != node) node = READ_ONCE(\1first);/
s/^#include "percpu_freelist.h"/&\n#include <linux\/atomic.h>/
