# Two threads dequeue at once: the queue allows one, by its lock.
# Found as: data-race|handed-out-twice|leak|crash|use-after-free|no-end
s/cds_wfcq_dequeue_blocking(&head, &tail);/__cds_wfcq_dequeue_blocking(\&head, \&tail);/
