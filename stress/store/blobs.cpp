#include "stress/store/blobs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "stress/store/error.h"
#include "stress/store/sha256.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& file, const char* what) {
  const int reason = errno;
  const char* advice = reason == ENOSPC || reason == EDQUOT  ? ". Free some space on that disk"
                       : reason == EROFS || reason == EACCES ? ". Give a folder that may be written: --state DIR"
                                                             : "";
  throw StoreError(fmt::format("cannot {} {}: {}{}", what, file.string(), std::strerror(reason), advice));
}

class File {
 public:
  File(const fs::path& path, int flags) : path_(path), descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) fail(path, "open");
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { close(descriptor_); }

  void write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(path_, "write");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void sync() {
    if (fsync(descriptor_) != 0) fail(path_, "sync");
  }

 private:
  const fs::path& path_;
  int descriptor_;
};

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    errno = error.value();
    fail(folder, "make the folder");
  }
}

void check_size(std::string_view bytes, std::uintmax_t bytes_max) {
  if (bytes.size() > bytes_max) {
    throw StoreRefused(fmt::format("{} bytes are more than a blob may have: {}", bytes.size(), bytes_max));
  }
}

// Differs between processes and between calls.
fs::path temporary_beside(const fs::path& file) {
  static std::atomic<unsigned> number{0};
  return file.parent_path() / fmt::format(".{}-{}-{}.tmp", file.filename().string(), getpid(), number++);
}

}  // namespace

void write_durably(const fs::path& file, std::string_view bytes) {
  const fs::path temporary = temporary_beside(file);
  try {
    File out(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    out.write_all(bytes);
    out.sync();
    if (rename(temporary.c_str(), file.c_str()) != 0) fail(file, "rename to");
  } catch (const StoreError&) {
    unlink(temporary.c_str());
    throw;
  }
  const fs::path folder = file.parent_path();
  File(folder, O_RDONLY | O_DIRECTORY).sync();
}

FolderBlobs::FolderBlobs(fs::path folder) : folder_(std::move(folder)) { make_folder(folder_); }

fs::path FolderBlobs::path_of(std::string_view hash) const { return folder_ / hash.substr(0, 2) / hash; }

std::string FolderBlobs::put(std::string_view bytes) {
  check_size(bytes, bytes_max);
  std::string hash = sha256(bytes);
  if (get(hash)) return hash;
  const fs::path file = path_of(hash);
  make_folder(file.parent_path());
  write_durably(file, bytes);
  File(folder_, O_RDONLY | O_DIRECTORY).sync();
  return hash;
}

std::optional<std::string> FolderBlobs::get(std::string_view hash) {
  if (!is_hash(hash)) return std::nullopt;
  std::error_code error;
  const fs::path file = path_of(hash);
  const auto size = fs::file_size(file, error);
  if (error || size > bytes_max) return std::nullopt;
  std::ifstream stream(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream || sha256(bytes) != hash) return std::nullopt;
  return bytes;
}

std::string SqlBlobs::put(std::string_view bytes) {
  check_size(bytes, bytes_max);
  std::string hash = sha256(bytes);
  const std::lock_guard lock(mutex_);
  Transaction transaction(*sql_);
  // Asked first: known bytes do not travel again.
  if (sql_->run("SELECT 1 FROM blob WHERE hash = $1", hash).empty()) {
    sql_->run("INSERT INTO blob VALUES($1, $2) ON CONFLICT DO NOTHING", hash, Bytes{std::string(bytes)});
  }
  transaction.commit();
  return hash;
}

std::optional<std::string> SqlBlobs::get(std::string_view hash) {
  if (!is_hash(hash)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  Transaction transaction(*sql_);
  auto found = sql_->run("SELECT content FROM blob WHERE hash = $1", std::string(hash));
  transaction.commit();
  if (found.empty() || sha256(found.rows[0][0]) != hash) return std::nullopt;
  return std::move(found.rows[0][0]);
}

}  // namespace rcufarm::stress
