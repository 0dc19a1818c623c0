#include "report/svg.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "report/test_run.h"

namespace rcufarm::report {
namespace {

bool entity_at(const std::string& xml, std::size_t at) {
  for (const char* known : {"&amp;", "&lt;", "&gt;", "&quot;"}) {
    if (xml.compare(at, std::string(known).size(), known) == 0) return true;
  }
  return false;
}

// Every element is closed in order, attributes are quoted, and no character stands raw that may not. "" or what is
// wrong.
std::string what_is_wrong(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = 0; at < xml.size();) {
    if (xml[at] == '&' && !entity_at(xml, at)) return "a bare & at " + std::to_string(at);
    if (xml[at] == '>') return "a bare > at " + std::to_string(at);
    if (xml[at] != '<') {
      ++at;
      continue;
    }
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) return "a tag without an end";
    std::string tag = xml.substr(at + 1, end - at - 1);
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0 || tag.find('<') != std::string::npos)
      return "a bad tag: " + tag;
    at = end + 1;
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return "</" + tag.substr(1) + "> closes nothing";
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is open";
}

Diagram remark() {
  const SecondRemark r = second_remark();
  return build_diagram(r.recording, r.finding, test_names, test_options());
}

TEST(Svg, IsWellFormed) {
  const std::string svg = to_svg(remark());
  EXPECT_EQ(what_is_wrong(svg), "");
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
}

TEST(Svg, EscapesWhatTheSourceMayHold) {
  Diagram d = remark();
  d.signature = "a<b> & \"c\"\x01";
  d.rows[0].text = "if (a < b && c > d)";
  const std::string svg = to_svg(d);
  EXPECT_EQ(what_is_wrong(svg), "");
  EXPECT_NE(svg.find("a &lt; b &amp;&amp; c &gt; d"), std::string::npos);
}

TEST(Svg, IsSelfContainedAndFollowsTheReadersColors) {
  const std::string svg = to_svg(remark());
  EXPECT_NE(svg.find("prefers-color-scheme: dark"), std::string::npos);
  for (const char* outside : {"href", "<script", "@import", "url("})
    EXPECT_EQ(svg.find(outside), std::string::npos) << outside;
}

TEST(Svg, IsNarrowEnoughForAPhone) {
  const std::string svg = to_svg(remark());
  const std::size_t at = svg.find("width=\"") + 7;
  EXPECT_LE(std::stoul(svg.substr(at)), 520U);
}

// On a page no text reaches the rail to its right.
TEST(Svg, OnAPageAColumnHasRoomForItsText) {
  const std::string svg = to_svg(remark(), SvgRoom::page);
  EXPECT_EQ(what_is_wrong(svg), "");
  std::vector<double> rails;
  for (std::size_t at = 0; (at = svg.find("<line x1=\"", at)) != std::string::npos; ++at)
    rails.push_back(std::stod(svg.substr(at + 10)));
  ASSERT_EQ(rails.size(), 3U);
  const std::size_t end = svg.rfind("<text", svg.find("freed by"));
  std::size_t texts = 0;
  const std::size_t begin = svg.find("<circle");  // behind the signature, which goes over all
  for (std::size_t at = begin; (at = svg.find("<text x=\"", at)) < end; ++at) {
    const double from = std::stod(svg.substr(at + 9));
    const std::size_t text = svg.find('>', at) + 1;
    const double to = from + 7.3 * static_cast<double>(svg.find("</text>", at) - text);
    for (const double rail : rails) EXPECT_FALSE(from < rail && rail < to) << svg.substr(at, 120);
    ++texts;
  }
  EXPECT_GT(texts, 20U);
}

TEST(Svg, HasEachStep) {
  const Diagram d = remark();
  const std::string svg = to_svg(d);
  for (const Row& row : d.rows) {
    if (row.kind != Row::Kind::step) continue;
    EXPECT_NE(svg.find(">" + std::to_string(row.number) + "</text>"), std::string::npos) << row.text;
  }
}

}  // namespace
}  // namespace rcufarm::report
