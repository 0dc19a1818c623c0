#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace rcufarm::report {

namespace {

constexpr std::size_t number_width = 4;  // "12  "
constexpr std::size_t indent_width = 2;
constexpr std::size_t step_width = 50;   // room that the rightmost column wants
constexpr std::size_t distance_min = 3;  // between columns
constexpr std::size_t distance_max = 44;
constexpr std::size_t hanging = 4;  // indent of a line that goes on

std::string ascii(std::string text) {
  const std::string ellipsis = "…";
  for (std::size_t at = text.find(ellipsis); at != std::string::npos; at = text.find(ellipsis)) {
    text.replace(at, ellipsis.size(), "...");
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  }
  return text;
}

// Stands for a blank at which no line ends, until lines are broken.
constexpr char glue = '\x01';
std::string unbroken(std::string text) {
  std::replace(text.begin(), text.end(), ' ', glue);
  return text;
}

class Layout {
 public:
  Layout(const Diagram& diagram, std::size_t columns) : diagram_(diagram), width_(columns) {
    const std::size_t count = std::max<std::size_t>(diagram.columns.size(), 1);
    const std::size_t room = width_ > number_width + step_width ? width_ - number_width - step_width : 0;
    distance_ = count > 1 ? std::clamp(room / (count - 1), distance_min, distance_max) : 0;
  }

  std::string lay_out() {
    paragraph(diagram_.signature);
    if (!diagram_.detail.empty()) paragraph(diagram_.detail);
    out_ += '\n';
    heads();
    for (const Row& row : diagram_.rows) add(row);
    out_ += '\n';
    legend();
    return std::move(out_);
  }

 private:
  std::size_t start_of(unsigned column) const { return number_width + column * distance_; }

  void paragraph(const std::string& text) {
    for (const std::string& line : wrap(ascii(text), width_)) out_ += line + '\n';
  }

  // The rails of idle columns up to `end`, with the text over them.
  void line(const std::string& number, std::size_t start, const std::string& text, unsigned rails) {
    std::string drawn = fmt::format("{:>{}}  ", number, number_width - 2);
    for (unsigned column = 0; column < rails; ++column) {
      const std::size_t at = start_of(column);
      if (text.empty() || at < start || at > start + text.size()) put(drawn, at, "|");
    }
    put(drawn, start, text);
    drawn.erase(drawn.find_last_not_of(' ') + 1);
    out_ += drawn + '\n';
  }
  static void put(std::string& drawn, std::size_t at, const std::string& text) {
    if (drawn.size() < at + text.size()) drawn.resize(at + text.size(), ' ');
    drawn.replace(at, text.size(), text);
  }

  unsigned count() const { return static_cast<unsigned>(diagram_.columns.size()); }

  void heads() {
    const bool side_by_side = count() < 2 || (count() == 2 && diagram_.columns[0].size() + 2 < distance_);
    if (side_by_side) {
      std::string drawn(number_width, ' ');
      for (unsigned i = 0; i < count(); ++i) put(drawn, start_of(i), ascii(diagram_.columns[i]));
      out_ += drawn.substr(0, width_) + '\n';
    } else {
      for (unsigned i = 0; i < count(); ++i) {
        const std::size_t room = width_ - start_of(i);
        for (const std::string& part : wrap(ascii(diagram_.columns[i]), room)) line("", start_of(i), part, i);
      }
    }
    line("", start_of(0), "", count());
  }

  void add(const Row& row) {
    const std::size_t start = start_of(row.column) + indent_width * row.indent;
    std::string text = ascii(row.text);
    const std::size_t room = width_ > start + hanging ? width_ - start : hanging + 1;
    if (!row.note.empty()) {
      const std::string note = "[" + row.note + "]";
      text += "   " + (note.size() <= room - hanging ? unbroken(note) : note);
    }
    std::string number = row.number != 0 ? fmt::format("{}", row.number) : "";
    std::vector<std::string> parts = wrap(text, room);
    if (parts.size() > 1) {
      const std::string rest = text.substr(std::min(text.size(), text.find(parts[1], parts[0].size())));
      parts.resize(1);
      for (const std::string& more : wrap(rest, room - hanging)) parts.push_back(std::string(hanging, ' ') + more);
    }
    for (std::string& part : parts) {
      std::replace(part.begin(), part.end(), glue, ' ');
      line(number, start, part, count());
      number.clear();
    }
  }

  // "from 3", "before 7"; others say what they mean.
  bool has_note(const std::string& word) const {
    return std::any_of(diagram_.rows.begin(), diagram_.rows.end(), [&](const Row& row) {
      const std::size_t at = row.note.find(word + ' ');
      const std::size_t number = at + word.size() + 1;
      return at != std::string::npos && number < row.note.size() && row.note[number] >= '0' && row.note[number] <= '9';
    });
  }

  // "3 is newer"
  bool says_is_newer() const {
    return std::any_of(diagram_.rows.begin(), diagram_.rows.end(), [](const Row& row) {
      const std::size_t at = row.note.find(" is newer");
      return at != std::string::npos && at > 0 && row.note[at - 1] >= '0' && row.note[at - 1] <= '9';
    });
  }

  void legend() {
    for (const AccusedLine& accused : diagram_.accused) {
      std::string text = accused.role + " by " + accused.who + ": " + accused.where;
      if (accused.row != 0) text += fmt::format(" (step {})", accused.row);
      paragraph(text);
      if (!accused.source.empty()) {
        for (const std::string& part : wrap(ascii(accused.source), width_ - hanging)) {
          out_ += std::string(hanging, ' ') + part + '\n';
        }
      }
    }
    for (const std::string& explanation : diagram_.explanations) paragraph(explanation);
    std::string text;
    if (diagram_.steps_all != 0) {
      text = fmt::format("{} of {} steps are shown; the others seem to play no part in it.", diagram_.steps_shown,
                         diagram_.steps_all);
    }
    if (has_note("from")) text += " [from N]: it read what step N stored.";
    if (has_note("before")) text += " [before N]: it came too early for what step N stores.";
    if (says_is_newer()) text += " [N is newer]: step N had stored already, and it was not seen yet.";
    if (has_note("older than")) text += " [older than N]: in its location's order it comes before what step N stored.";
    text.erase(0, text.find_first_not_of(' '));
    if (!text.empty()) paragraph(text);
  }

  const Diagram& diagram_;
  const std::size_t width_;
  std::size_t distance_ = 0;
  std::string out_;
};

}  // namespace

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  width = std::max<std::size_t>(width, 1);
  while (text.size() > width) {
    std::size_t end = text.rfind(' ', width);
    if (end == std::string_view::npos || end == 0) end = width;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  if (!text.empty() || lines.empty()) lines.emplace_back(text);
  return lines;
}

std::string to_text(const Diagram& diagram, std::size_t columns) { return Layout(diagram, columns).lay_out(); }

}  // namespace rcufarm::report
