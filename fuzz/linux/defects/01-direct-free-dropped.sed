# A draining cache whose tasks-trace grace period is in progress already: what is on its list is no longer freed at once, and
# nobody else frees it.
# Found as: warning|leak
/^static void do_call_rcu_ttrace/,/return;/ s/READ_ONCE(c->draining)/false/
