// Content hashes: what names a blob, a finding and an event. Pure.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace rcufarm::stress {

inline constexpr std::size_t hash_chars = 64;

// SHA-256 in lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);
// Of several texts, so that {"ab", "c"} and {"a", "bc"} differ.
std::string sha256_of(std::initializer_list<std::string_view> parts);
// Of a file's content; "" if it cannot be read.
std::string sha256_file(const std::filesystem::path& file);

bool is_hash(std::string_view text);

}  // namespace rcufarm::stress
