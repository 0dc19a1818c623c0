# No mistake: pop reads `last` by an acquire before it reads the entry, which the unmodified file does not (README).
s/head != READ_ONCE(slot->last)/head != smp_load_acquire(\&slot->last)/
s/READ_ONCE(slot->last) - head - 1/smp_load_acquire(\&slot->last) - head - 1/
