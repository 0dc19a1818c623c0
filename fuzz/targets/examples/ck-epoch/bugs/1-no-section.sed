# A pop outside of a section: an object that it looks at may be popped, used and pushed again meanwhile (ABA).
# Needs: 60 seconds
# Found as: handed-out-twice|leak|crash|use-after-free|corrupted|reused-under-reader
/^void\* rcufarm_target_alloc/,/^}/{
/ck_epoch_begin/d
/ck_epoch_end/d
}
