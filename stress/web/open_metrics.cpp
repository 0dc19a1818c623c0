#include "stress/web/open_metrics.h"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace rcufarm::stress {

namespace {

constexpr std::string_view total = "_total";
constexpr std::string_view media_type = "application/openmetrics-text";

// "# TYPE name counter" and "# HELP name text": the name without _total, where that family is one of counters.
std::string described(std::string_view line, bool is_counter) {
  constexpr std::size_t words = 7;  // "# TYPE "
  const auto end = std::min(line.find(' ', words), line.size());
  std::string_view name = line.substr(words, end - words);
  if (is_counter && name.ends_with(total)) name.remove_suffix(total.size());
  std::string_view rest = line.substr(end);
  if (rest == " untyped") rest = " unknown";
  return std::string(line.substr(0, words)).append(name).append(rest);
}

}  // namespace

bool wants_open_metrics(std::string_view accept) {
  for (std::size_t at = 0; at < accept.size();) {
    const auto end = std::min(accept.find(',', at), accept.size());
    std::string one(accept.substr(at, end - at));
    std::erase(one, ' ');
    const bool refused = one.ends_with(";q=0") || one.ends_with(";q=0.0");
    if (one.starts_with(media_type) && !refused) return true;
    at = end + 1;
  }
  return false;
}

std::string open_metrics(const std::string& text) {
  std::string open;
  open.reserve(text.size());
  std::string help;  // of a family whose type comes next
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (line.starts_with("# HELP ")) {
      help = line;
      continue;
    }
    if (line.starts_with("# TYPE ")) {
      const bool is_counter = line.ends_with(" counter");
      if (!help.empty()) open += described(help, is_counter) + "\n";
      open += described(line, is_counter) + "\n";
      help.clear();
      continue;
    }
    if (!line.empty()) open.append(line).push_back('\n');
  }
  return open + "# EOF\n";
}

std::string gzipped(const std::string& text) {
  constexpr int with_gzip_header = 16;
  constexpr int memory_level = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + with_gzip_header, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("no memory to compress the answer");
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (done != Z_STREAM_END) throw std::runtime_error("the answer could not be compressed");
  return packed;
}

}  // namespace rcufarm::stress
