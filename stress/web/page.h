// The status page and a finding's page: HTML from values.
//
// Job: text that needs no JavaScript (live.js only spares a reload), reads well on a phone, light and dark. Everything from outside is escaped. No state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stress/farm/snapshot.h"

namespace rcufarm::stress {

std::string status_page(const Snapshot& snapshot);
// `diagram` and `report` as text; "": none.
// One page of a listing; `page` counts from 1.
std::string findings_page(const std::vector<Finding>& findings, const Listing& listing, std::size_t page);
std::string finding_page(const Finding& finding, const std::string& diagram, const std::string& report,
                         const std::optional<Blame>& blame = std::nullopt);

// What runs on one target, and what it showed; its kinds of workers by their names.
std::string target_page(const Snapshot& snapshot, const std::string& target, const std::vector<Finding>& findings);
std::vector<std::string> programs_of_target(const Snapshot& s, const std::string& target);

// A line over time as SVG; "" without samples.
std::string chart(const Curve& curve);

std::string escaped(std::string_view text);
std::string with_commas(std::uint64_t number);
std::string bytes_text(std::uint64_t bytes);
std::string duration_text(double seconds);
std::string time_text(Milliseconds at);
// What keeps a page up to date without a reload.
extern const char* const live_script;
// A whole page around the body. `refreshed`: it is kept up to date, by live.js or else by the browser.
std::string framed(const std::string& title, const std::string& body, bool refreshed, const char* up = "");

}  // namespace rcufarm::stress
