// Bytes by content hash: inputs, reports, diagrams.
//
// Job: the interface, and its implementations: files in a folder, and large values of a database. Any number of processes may use one
// at once. Bytes that a store names are put before the row that names them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "stress/store/sql.h"

namespace rcufarm::stress {

class BlobStore {
 public:
  virtual ~BlobStore() = default;
  // Durable when it returns; gives the hash. Bytes that are there already are not written again. Throws StoreError.
  virtual std::string put(std::string_view bytes) = 0;
  // Nothing if it is not there, or its bytes are not those of its name.
  virtual std::optional<std::string> get(std::string_view hash) = 0;
  // Ends what waits for a server. Any thread.
  virtual void interrupt() noexcept {}
};

// A kill at any instant leaves a whole file or none.
class FolderBlobs final : public BlobStore {
 public:
  static constexpr std::uintmax_t bytes_max = std::uintmax_t{64} << 20U;

  // Makes the folder. Throws StoreError.
  explicit FolderBlobs(std::filesystem::path folder);

  std::string put(std::string_view bytes) override;
  std::optional<std::string> get(std::string_view hash) override;
  std::filesystem::path path_of(std::string_view hash) const;

 private:
  std::filesystem::path folder_;
};

// In the table `blob`, over a connection of its own. PostgreSQL moves a gigabyte at most, as text, and holds it in memory.
class SqlBlobs final : public BlobStore {
 public:
  static constexpr std::size_t bytes_max = std::size_t{16} << 20U;

  explicit SqlBlobs(std::unique_ptr<Sql> sql) : sql_(std::move(sql)) {}

  std::string put(std::string_view bytes) override;
  std::optional<std::string> get(std::string_view hash) override;
  void interrupt() noexcept override { sql_->interrupt(); }

 private:
  std::mutex mutex_;
  std::unique_ptr<Sql> sql_;
};

// Writes a file that is whole or not there: temporary, fsync, rename, fsync of the folder. Throws StoreError.
void write_durably(const std::filesystem::path& file, std::string_view bytes);

}  // namespace rcufarm::stress
