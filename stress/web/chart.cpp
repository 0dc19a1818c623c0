#include <fmt/format.h>

#include <algorithm>

#include "stress/web/page.h"

namespace rcufarm::stress {

namespace {

constexpr double width = 300;
constexpr double height = 110;
constexpr double left = 4;
constexpr double top = 8;
constexpr double bottom = 22;

}  // namespace

std::string chart(const Curve& curve) {
  const auto& samples = curve.samples;
  if (samples.size() < 2) return "";  // one is no line
  const auto [low, high] =
      std::ranges::minmax_element(samples, [](const Sample& a, const Sample& b) { return a.value < b.value; });
  const double range = std::max(1.0, high->value - low->value);
  const double time = std::max<double>(1, static_cast<double>(samples.back().at - samples.front().at));
  std::string points;
  for (const Sample& s : samples) {
    const double x = left + static_cast<double>(s.at - samples.front().at) / time * (width - 2 * left);
    const double y = top + (1 - (s.value - low->value) / range) * (height - top - bottom);
    points += fmt::format("{:.1f},{:.1f} ", x, y);
  }
  return fmt::format(
      "<figure><svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{} over time, now {:.0f}\">"
      "<polyline points=\"{}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.6\"/>"
      "<g font-size=\"10\" fill=\"currentColor\" opacity=\".75\"><text x=\"{}\" y=\"{}\">{}</text>"
      "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text></g></svg>"
      "<figcaption>{}: {:.0f} ({:.0f} at first)</figcaption></figure>",
      width, height, escaped(curve.name), samples.back().value, points, left, height - 6, time_text(samples.front().at),
      width - left, height - 6, time_text(samples.back().at), escaped(curve.name), samples.back().value,
      samples.front().value);
}

}  // namespace rcufarm::stress
