// A stint's folder: what a kill leaves of it, and how it is found again.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "stress/config/models.h"
#include "stress/farm/slot.h"
#include "stress/store/blobs.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr const char* stint_file = "stint.json";

std::optional<Stint> read_stint(const fs::path& folder) {
  const auto told = nlohmann::json::parse(read_bytes(folder / stint_file), nullptr, false);
  if (!told.is_object()) return std::nullopt;
  const auto lane = lane_named(told.value("lane", ""));
  const std::string id = told.value("id", "");
  if (!lane || id != folder.filename()) return std::nullopt;
  Stint stint{id, *lane, told.value("seed", std::uint64_t{0}), told.value("detail", "")};
  // One that an older farm wrote has none.
  const std::string model = told.value("model", stint.model);
  if (std::ranges::find(model_names, std::string_view(model)) != model_names.end()) stint.model = model;
  if (told.contains("part")) {
    const auto& part = told["part"];
    stint.part = ClaimedPart{.name = {part.value("proof", ""), part.value("first", std::uint64_t{0}),
                                      part.value("number", std::uint64_t{0})},
                             .build = part.value("build", ""),
                             .model = stint.model,
                             .operations = 0,
                             .text = ""};
  }
  return stint;
}

}  // namespace

fs::path stint_folder(const fs::path& state, const Stint& stint) { return state / "stints" / stint.id; }

void save_stint(const fs::path& state, const Stint& stint) {
  const fs::path folder = stint_folder(state, stint);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw StoreError("cannot make the folder " + folder.string() + ": " + error.message());
  nlohmann::json told = {{"id", stint.id},
                         {"lane", name_of(stint.lane)},
                         {"seed", stint.seed},
                         {"detail", stint.detail},
                         {"model", stint.model}};
  if (stint.part) {
    const PartName& part = stint.part->name;
    told["part"] = {
        {"proof", part.proof}, {"first", part.first}, {"number", part.number}, {"build", stint.part->build}};
  }
  write_durably(folder / stint_file, told.dump() + "\n");
}

std::vector<Stint> saved_stints(const fs::path& state) {
  std::vector<Stint> stints;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(state / "stints", error)) {
    std::error_code gone;
    if (auto stint = read_stint(entry.path())) {
      stints.push_back(std::move(*stint));
    } else {
      fs::remove_all(entry.path(), gone);  // killed before it began
    }
  }
  return stints;
}

}  // namespace rcufarm::stress
