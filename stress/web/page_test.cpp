#include "stress/web/page.h"

#include <gtest/gtest.h>

namespace rcufarm::stress {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Snapshot snapshot() {
  Snapshot s;
  s.node = "<b>node</b>";
  s.slots.push_back({0, "explore (pct)", 12, 1 << 20});
  s.lanes.push_back({"explore", "running", 30, 100, 5, 12345, 123.45, 0});
  s.config = "[http]\nport = 1 # </pre><script>";
  return s;
}

TEST(Page, EscapesWhatComesFromOutside) {
  Snapshot s = snapshot();
  Finding f;
  f.key = "abc";
  f.signature = "leak: <script>alert(1)</script>";
  s.findings.push_back(f);
  const std::string page = status_page(s);
  EXPECT_FALSE(has(page, "<script"));
  EXPECT_FALSE(has(page, "<b>node"));
  EXPECT_TRUE(has(page, "leak: &lt;script&gt;"));
  EXPECT_FALSE(has(finding_page(f, "<script>", "<script>"), "<script"));
}

TEST(Page, SaysWhatIsWrong) {
  Snapshot s = snapshot();
  EXPECT_FALSE(has(status_page(s), "class=\"banner"));
  s.store_trouble = "disk full";
  s.blind = true;
  s.checks.push_back({"stress_tsan", "vm.mmap_rnd_bits is 32", true});
  s.checks.push_back({"afl_sim", "unwanted trouble", false});
  const std::string page = status_page(s);
  EXPECT_TRUE(has(page, "disk full"));
  EXPECT_TRUE(has(page, "blind"));
  EXPECT_TRUE(has(page, "stress_tsan cannot run: vm.mmap_rnd_bits is 32"));
  EXPECT_FALSE(has(page, "unwanted trouble"));
}

TEST(Page, DrawsCoverage) {
  EXPECT_EQ(chart({"edges", {}}), "");
  const std::string svg = chart({"edges", {{0, 10}, {60'000, 20}, {120'000, 20}}});
  EXPECT_TRUE(has(svg, "<polyline points=\"4.0,88.0 150.0,8.0 296.0,8.0 \""));
  EXPECT_TRUE(has(svg, "edges: 20 (10 at first)"));
}

TEST(Page, TextsReadWell) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(duration_text(59), "59 s");
  EXPECT_EQ(duration_text(3 * 3600 + 120), "3 h 2 min");
  EXPECT_EQ(time_text(1'000), "1970-01-01 00:00:01Z");
}

}  // namespace
}  // namespace rcufarm::stress
