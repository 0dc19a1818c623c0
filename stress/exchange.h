// Findings as one JSON file, to be carried to another store.
//
// Job: finding and blobs -> JSON -> finding and blobs. Bytes are base64. Pure, but for the store that is read or written.
#pragma once

#include <string>
#include <variant>

#include "stress/store/store.h"

namespace rcufarm::stress {

std::string export_findings(Store& store);

struct Imported {
  std::size_t findings = 0;
};
// How many, or what is wrong with the text.
std::variant<Imported, std::string> import_findings(Store& store, const std::string& text);

}  // namespace rcufarm::stress
