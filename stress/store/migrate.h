// Brings a database's schema to a version: the steps that it lacks, in one transaction.
#pragma once

#include "stress/store/sql.h"

namespace rcufarm::stress {

// Throws StoreError if the database is newer than this program.
void migrate(Sql& sql);
// The same to an older version, which tests begin with.
void migrate_to(Sql& sql, int version);

}  // namespace rcufarm::stress
