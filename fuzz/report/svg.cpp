#include "report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "report/text.h"

namespace rcufarm::report {

namespace {

// In the picture's own units; one is about a CSS pixel on a phone.
constexpr unsigned margin = 12;
constexpr unsigned line_height = 20;
constexpr unsigned rail_distance_phone = 22;
constexpr unsigned rail_distance_page = 290;
constexpr unsigned number_room = 26;
constexpr unsigned text_gap = 12;
constexpr unsigned indent_room = 12;
constexpr double glyph_width = 7.3;  // of a monospaced glyph of 12 units, rounded up
constexpr std::size_t glyphs = 50;   // of a line of text
constexpr unsigned colors = 6;

constexpr std::string_view style = R"(
  svg { --paper: #ffffff; --ink: #1b1f24; --dim: #59636e; --bad: #b3261e; --badge: #fdecea; }
  svg { --c0: #0b57d0; --c1: #146c2e; --c2: #8430ce; --c3: #a04b00; --c4: #00677d; --c5: #9c1c5e; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #14171b; --ink: #e6e9ec; --dim: #9aa4af; --bad: #ff8a80; --badge: #45191a; }
    svg { --c0: #8ab4f8; --c1: #81c995; --c2: #d0a6ff; --c3: #fbb26a; --c4: #6fd3e6; --c5: #ff8fc4; }
  }
  .paper { fill: var(--paper); }
  text { font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink); white-space: pre; }
  text { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
  .verdict { stroke: var(--badge); }
  .title { font-weight: bold; }
  .dim { fill: var(--dim); }
  .bad { fill: var(--bad); font-weight: bold; }
  .badge { fill: var(--badge); }
  .rail { stroke-width: 2; opacity: 0.45; }
  .s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); }
  .s3 { stroke: var(--c3); } .s4 { stroke: var(--c4); } .s5 { stroke: var(--c5); }
  .f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); }
  .f3 { fill: var(--c3); } .f4 { fill: var(--c4); } .f5 { fill: var(--c5); }
)";

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default:
        // Control characters are no XML.
        if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
  }
  return out;
}

class Picture {
 public:
  Picture(const Diagram& diagram, SvgRoom room)
      : diagram_(diagram),
        rail_distance_(room == SvgRoom::phone ? rail_distance_phone : rail_distance_page),
        is_page_(room == SvgRoom::page) {}

  std::string draw() {
    const auto count = static_cast<unsigned>(std::max<std::size_t>(diagram_.columns.size(), 1));
    width_ = margin * 2 + number_room + (count - 1) * rail_distance_ + rail_distance_phone + text_gap +
             static_cast<unsigned>(glyphs * glyph_width);
    paragraph(diagram_.signature, "title");
    if (!diagram_.detail.empty()) paragraph(diagram_.detail, "dim");
    gap();
    heads();
    const unsigned rails_begin = y_;
    for (const Row& row : diagram_.rows) add(row);
    const unsigned rails_end = y_;
    gap();
    accused();
    paragraph(fmt::format("{} of {} steps are shown; the others seem to play no part in it.", diagram_.steps_shown,
                          diagram_.steps_all),
              "dim");
    return whole(rails(count, rails_begin, rails_end));
  }

 private:
  unsigned rail(unsigned column) const {
    return margin + number_room + column * rail_distance_ + rail_distance_phone / 2;
  }
  void gap() { y_ += line_height / 2; }
  unsigned baseline() const { return y_ + 14; }
  std::size_t room_from(unsigned x) const { return room_between(x, width_ - margin); }
  // For text of a column: on a page up to the next one's rail.
  std::size_t room_from(unsigned x, unsigned column) const {
    const bool ends_at_rail = is_page_ && column + 1 < diagram_.columns.size();
    return ends_at_rail ? room_between(x, rail(column + 1) - text_gap) : room_from(x);
  }
  static std::size_t room_between(unsigned x, unsigned end) {
    const double left = static_cast<double>(end) - x;
    return left < 10 * glyph_width ? 10 : static_cast<std::size_t>(left / glyph_width);
  }

  void text(unsigned x, std::string_view what, std::string_view kind) {
    body_ += fmt::format("<text x=\"{}\" y=\"{}\" class=\"{}\">{}</text>\n", x, baseline(), kind, escape(what));
  }
  void paragraph(const std::string& what, std::string_view kind) {
    for (const std::string& line : wrap(what, room_from(margin))) {
      text(margin, line, kind);
      y_ += line_height;
    }
  }

  void heads() {
    for (unsigned i = 0; i < diagram_.columns.size(); ++i) {
      const unsigned x = rail(i) + text_gap;
      dot(i, 5);
      for (const std::string& line : wrap(diagram_.columns[i], room_from(x, i))) {
        text(x, line, fmt::format("title f{}", i % colors));
        y_ += line_height;
      }
    }
    gap();
  }

  void dot(unsigned column, unsigned radius) {
    body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" class=\"f{}\"/>\n", rail(column), y_ + line_height / 2,
                         radius, column % colors);
  }

  static const char* class_of(const Row& row) {
    switch (row.kind) {
      case Row::Kind::step: return row.accused ? "bad" : "step";
      case Row::Kind::function:
      case Row::Kind::context:
      case Row::Kind::gap: return "dim";
      case Row::Kind::verdict: return "bad verdict";
    }
    return "step";
  }

  static unsigned width_of(const std::vector<std::string>& lines) {
    std::size_t longest = 0;
    for (const std::string& line : lines) longest = std::max(longest, line.size());
    return indent_room + static_cast<unsigned>(static_cast<double>(longest) * glyph_width);
  }

  void add(const Row& row) {
    const unsigned x = rail(row.column) + text_gap + row.indent * indent_room;
    const std::string full = row.note.empty() ? row.text : row.text + "   [" + row.note + "]";
    const std::vector<std::string> lines = wrap(full, room_from(x, row.column) - 2);
    if (row.kind == Row::Kind::verdict) {
      body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" class=\"badge\"/>\n", x - 6,
                           y_ + 1, width_of(lines) + 12, lines.size() * line_height);
    }
    if (row.kind == Row::Kind::step) {
      text(margin, fmt::format("{}", row.number), "dim");
      dot(row.column, 4);
    }
    bool first = true;
    for (const std::string& line : lines) {
      text(first ? x : x + indent_room, line, class_of(row));
      y_ += line_height;
      first = false;
    }
  }

  void accused() {
    for (const AccusedLine& line : diagram_.accused) {
      std::string what = line.role + " by " + line.who + ": " + line.where;
      if (line.row != 0) what += fmt::format(" (step {})", line.row);
      paragraph(what, "step");
      if (!line.source.empty()) paragraph("  " + line.source, "dim");
    }
    for (const std::string& explanation : diagram_.explanations) paragraph(explanation, "step");
    gap();
  }

  std::string rails(unsigned count, unsigned begin, unsigned end) const {
    std::string out;
    for (unsigned i = 0; i < count; ++i) {
      out += fmt::format("<line x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\" class=\"rail s{3}\"/>\n", rail(i), begin,
                         end, i % colors);
    }
    return out;
  }

  std::string whole(const std::string& rails) const {
    const unsigned height = y_ + margin;
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
        "aria-label=\"{2}\" style=\"max-width:100%;height:auto\">\n<title>{2}</title>\n<style>{3}</style>\n"
        "<rect class=\"paper\" width=\"{0}\" height=\"{1}\"/>\n{4}{5}</svg>\n",
        width_, height, escape(diagram_.signature), style, rails, body_);
  }

  const Diagram& diagram_;
  const unsigned rail_distance_;
  const bool is_page_;
  unsigned width_ = 0;
  unsigned y_ = margin;
  std::string body_;
};

}  // namespace

std::string to_svg(const Diagram& diagram, SvgRoom room) { return Picture(diagram, room).draw(); }

}  // namespace rcufarm::report
