# Readers do not tell the epoch that they are there.
# Found as: reused-under-reader|corrupted
/^void rcufarm_target_read_/s/{.*}/{}/
