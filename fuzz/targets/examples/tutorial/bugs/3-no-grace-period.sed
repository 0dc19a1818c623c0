# A deferred free gives the block away at once, under its readers.
# Found as: reused-under-reader|corrupted
/^void magazine_free_deferred/,/^}/{
s/call_rcu(&deferred->head, after_readers)/after_readers(\&deferred->head)/
}
