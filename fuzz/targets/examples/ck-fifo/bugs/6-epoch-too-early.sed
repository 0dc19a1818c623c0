# In: src/ck_epoch.c
# What was freed in this epoch is dispatched in it: its readers may still be there.
# Found as: reused-under-reader|corrupted|crash|use-after-free|handed-out-twice|leak
/^ck_epoch_poll_deferred/,/^}/s/n_dispatch = ck_epoch_dispatch(record, epoch - 2, deferred);/n_dispatch = ck_epoch_dispatch(record, epoch, deferred);/
