#include "stress/worker/mapped_page.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "targets/shown_input.h"

namespace rcufarm::stress {

std::optional<MappedPage> MappedPage::map(const std::filesystem::path& file, std::size_t bytes) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  struct stat status {};
  void* memory = MAP_FAILED;
  if (fstat(descriptor, &status) == 0 && static_cast<std::size_t>(status.st_size) >= bytes) {
    memory = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor, 0);
  }
  close(descriptor);
  if (memory == MAP_FAILED) return std::nullopt;
  return MappedPage(memory, bytes);
}

MappedPage::MappedPage(MappedPage&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

MappedPage& MappedPage::operator=(MappedPage&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedPage::~MappedPage() {
  if (memory_ != nullptr) munmap(memory_, bytes_);
}

std::string shown_input(const std::filesystem::path& page) {
  const auto mapped = MappedPage::map(page, sizeof(targets::InputPage));
  if (!mapped) return "";
  const auto& shown = mapped->as<targets::InputPage>();
  // Acquire: pairs with the release in ShownInput: the bytes are those of that length.
  const std::size_t bytes = std::min<std::size_t>(shown.bytes.load(std::memory_order_acquire), sizeof shown.input);
  return {reinterpret_cast<const char*>(shown.input), bytes};
}

}  // namespace rcufarm::stress
