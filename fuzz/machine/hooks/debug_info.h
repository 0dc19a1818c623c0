// The debug information of this program.
//
// Job: what libdw knows of an address (file, function, line) and of a struct (its fields). Read from the running
// program's own file when it is first asked for. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rcufarm::hooks {

struct SourcePlace {
  std::string file = "unknown";
  std::string function = "unknown";
  std::uint32_t line = 0;
};

struct Field {
  std::string name;
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
};

struct Struct {
  std::uint32_t bytes = 0;  // 0: there is none of that name
  std::vector<Field> fields;
};

class DebugInfo {
 public:
  DebugInfo();
  ~DebugInfo();
  DebugInfo(const DebugInfo&) = delete;
  DebugInfo& operator=(const DebugInfo&) = delete;

  // The innermost place that is not in a header of a shim, or of C++ itself.
  SourcePlace place_at(const void* address) const;
  // The global or static that the address is in, with the bytes from its start: "depot", "table+16"; "": none.
  std::string variable_at(const void* address) const;
  // A struct by its name, of the file that the code at `address` was compiled from.
  Struct struct_named(const char* name, const void* address) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

const DebugInfo& debug_info();

}  // namespace rcufarm::hooks
