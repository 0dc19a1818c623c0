# Objects that go back to the slab once destroy has begun go without their destructor.
# Found as: warning
/^static int free_all/,/^}/ s/if (c->dtor)/if (c->dtor \&\& !READ_ONCE(c->draining))/
