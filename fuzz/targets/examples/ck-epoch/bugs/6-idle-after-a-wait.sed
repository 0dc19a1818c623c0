# In: src/ck_epoch.c
# A known bug, mended before 0.6.0 (upstream's d24fc27): a scan that goes on behind a thread it has waited for forgets that others were
# active, so a synchronize takes all threads for idle and does not wait for readers.
# Needs: 60 seconds
# Found as: reused-under-reader|corrupted|crash|use-after-free|handed-out-twice|leak
/^ck_epoch_scan/,/^}/s/\*af = true;/*af = false;/
