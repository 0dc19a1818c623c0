// Which store: by the configuration's url, or a copy of one that may not be written.
#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "stress/store/sql_store.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

std::string file_in(const fs::path& folder) { return folder / "farm.sqlite"; }
fs::path blobs_in(const fs::path& state) { return state / "blobs"; }

// The database in a folder of its own that goes with it.
class CopiedStore final : public SqlStore {
 public:
  CopiedStore(fs::path copy, const fs::path& state, std::string node)
      : SqlStore(open_sqlite(file_in(copy)), std::make_unique<FolderBlobs>(blobs_in(state)), std::move(node)),
        copy_(std::move(copy)) {}
  ~CopiedStore() override {
    std::error_code ignored;
    fs::remove_all(copy_, ignored);
  }

 private:
  const fs::path copy_;
};

}  // namespace

std::unique_ptr<Store> open_store(const StorePlace& place) {
  if (place.url.empty()) {
    return std::make_unique<SqlStore>(open_sqlite(file_in(place.state)),
                                      std::make_unique<FolderBlobs>(blobs_in(place.state)), place.node);
  }
  return std::make_unique<SqlStore>(open_postgres(place.url), std::make_unique<SqlBlobs>(open_postgres(place.url)),
                                    place.node);
}

std::unique_ptr<Store> open_sqlite_copy(const std::string& state, const std::string& node) {
  std::string folder = (fs::temp_directory_path() / "rcufarm-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    throw StoreError(fmt::format("cannot make a folder in {}: {}. Give another by TMPDIR",
                                 fs::temp_directory_path().string(), std::strerror(errno)));
  }
  std::error_code error;
  // What the database's own file does not have yet stands in the log beside it.
  for (const char* end : {"", "-wal"}) {
    if (!fs::exists(file_in(state) + end)) continue;
    fs::copy_file(file_in(state) + end, file_in(folder) + end, error);
    if (!error) fs::permissions(file_in(folder) + end, fs::perms::owner_read | fs::perms::owner_write, error);
    if (error) throw StoreError(fmt::format("cannot copy {}{}: {}", file_in(state), end, error.message()));
  }
  return std::make_unique<CopiedStore>(folder, state, node);
}

}  // namespace rcufarm::stress
