# Over v1: push() publishes by a store that orders nothing, so that on arm64 and POWER a pop sees the sequence and not the entry.
# Found as: handed-out-twice|corrupted-list|corrupted|leak
# Model: kernel
s/head != READ_ONCE(slot->last)/head != smp_load_acquire(\&slot->last)/
s/READ_ONCE(slot->last) - head - 1/smp_load_acquire(\&slot->last) - head - 1/
s/^\tsmp_store_release(&slot->last, tail + 1);/\tWRITE_ONCE(slot->last, tail + 1);/
