#include "bench/busy_reader.h"

#include <cstdio>
#include <cstdlib>

namespace rcufarm::bench {

SectionLength section_length_setting(const Settings& settings) {
  const std::string& text = text_setting(settings, "reader");
  if (text == "short") return SectionLength::shortest;
  if (text == "1ms") return SectionLength::one_ms;
  std::fprintf(stderr, "bench: no reader is called %s\n", text.c_str());
  std::abort();
}

}  // namespace rcufarm::bench
