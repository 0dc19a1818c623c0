// The standard process_* metrics of this process, from /proc, as they are when asked. No state.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace rcufarm::stress {

std::vector<prometheus::MetricFamily> process_metrics();

}  // namespace rcufarm::stress
