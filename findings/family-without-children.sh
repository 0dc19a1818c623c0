#!/usr/bin/env bash
# prometheus-cpp 1.0.1: a family that is registered and has no child yet is not in the exposition, with no line of TYPE or HELP either.
# The usual guess: what is registered is exported; a counter that never counted says 0.
# What happens: the registry collects a family's children and leaves empty families out. A dashboard cannot tell such a metric from one
# that does not exist, and an alert on it has nothing to look at: create each child when the family is made.
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
command -v g++ >/dev/null || { echo "needs g++" >&2; exit 2; }
debian prometheus-cpp-dev=1.0.1-1 libprometheus-cpp-core1.0=1.0.1-1
cat >a.cpp <<'CPP'
#include <prometheus/counter.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <iostream>
int main() {
  prometheus::Registry registry;
  auto& crashes = prometheus::BuildCounter().Name("crashes_total").Help("Crashes.").Register(registry);
  std::cout << prometheus::TextSerializer().Serialize(registry.Collect()) << "--\n";
  crashes.Add({});
  std::cout << prometheus::TextSerializer().Serialize(registry.Collect());
}
CPP
library=$(dirname "$(find root -name 'libprometheus-cpp-core.so.1.0*' | head -n 1)")
g++ -std=c++17 -Iroot/usr/include a.cpp -L"$library" -lprometheus-cpp-core -o a
same "before -- there is a family, behind it a child" "--
# HELP crashes_total Crashes.
# TYPE crashes_total counter
crashes_total 0" "$(LD_LIBRARY_PATH=$library ./a)"
