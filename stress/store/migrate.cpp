#include "stress/store/migrate.h"

#include <fmt/format.h>

#include "stress/store/schema.h"

namespace rcufarm::stress {

void migrate_to(Sql& sql, int wanted) {
  Transaction transaction(sql);
  sql.lock_schema();
  int version = sql.version();
  if (version > schema_version) {
    throw StoreError(fmt::format("{} was written by a newer farm (format {}, this one knows {}). Use that one",
                                 sql.name(), version, schema_version));
  }
  for (; version < wanted; ++version) sql.script(schema_steps[static_cast<std::size_t>(version)]);
  sql.set_version(wanted);
  transaction.commit();
}

void migrate(Sql& sql) { migrate_to(sql, schema_version); }

}  // namespace rcufarm::stress
