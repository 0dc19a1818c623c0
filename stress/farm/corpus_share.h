// Corpora of several farms on one store: each gives what it has and takes what others have, by content.
//
// Job: exchange() does a part of that, in the clerk's thread: new inputs up and down, and what the leader's merge dropped is
// dropped here too. The bounds are those of the corpus. Without a shared store it does nothing.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "stress/store/store.h"
#include "stress/worker/corpus.h"

namespace rcufarm::stress {

class CorpusShare {
 public:
  struct Bounds {
    std::uint64_t entries_max = 0;
    std::uint64_t bytes_max = 0;
  };

  // `names`: of the targets.
  CorpusShare(std::filesystem::path state, bool shared, Bounds bounds, std::vector<std::string> names)
      : state_(std::move(state)), shared_(shared), bounds_(bounds), names_(std::move(names)) {}

  bool shared() const { return shared_; }
  // Throws StoreError.
  void exchange(Store& store, bool leads);
  // A merge by this farm, which leads, is over: what it kept is what all keep. Any thread.
  void merged(const std::string& target);

 private:
  struct Target {
    std::map<std::string, std::string> hashes;  // of local files, by name
    std::set<std::string> known;                // hashes that the store has or had
    Milliseconds since = 0;                     // taken up to then
    std::uint64_t bytes = 0;                    // of what the store has
    unsigned rounds = 0;
  };
  void exchange_one(Store& store, const std::string& name, Target& target, bool leads);
  void hash_new(const Corpus& corpus, Target& target) const;
  void give(Store& store, const std::string& name, const Corpus& corpus, Target& target) const;
  void take(Store& store, const std::string& name, const Corpus& corpus, Target& target) const;
  void drop_what_others_dropped(Store& store, const std::string& name, const Corpus& corpus, Target& target) const;

  const std::filesystem::path state_;
  const bool shared_;
  const Bounds bounds_;
  const std::vector<std::string> names_;
  std::map<std::string, Target> targets_;
  std::mutex mutex_;
  std::set<std::string> merged_;
};

}  // namespace rcufarm::stress
