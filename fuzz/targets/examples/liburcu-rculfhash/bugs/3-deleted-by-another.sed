# Who looks a node up takes it, though another has deleted it.
# Found as: handed-out-twice
s/ \&\& cds_lfht_del(table, node) == 0) object/ \&\& (cds_lfht_del(table, node), 1)) object/
