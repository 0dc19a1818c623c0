#include "hooked_port/counter.h"

namespace rcufarm::hooks {

void add_unannounced(std::int64_t& value, std::int64_t n) { value += n; }
std::int64_t read_unannounced(const std::int64_t& value) { return value; }

}  // namespace rcufarm::hooks
