# push() says that an entry is there before it stores it.
# Found as: handed-out-twice|corrupted-list|leak
s/^\tWRITE_ONCE(slot->entries\[tail & slot->mask\], obj);$/\tsmp_store_release(\&slot->last, tail + 1);/
/update sequence to make this obj available/{
n
s/.*/\tWRITE_ONCE(slot->entries[tail \& slot->mask], obj);/
}
