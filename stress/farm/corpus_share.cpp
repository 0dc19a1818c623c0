#include "stress/farm/corpus_share.h"

#include <algorithm>

#include "stress/store/sha256.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

// So many inputs each way at a time: the clerk has findings to deliver.
constexpr std::size_t moved_max = 200;
// A transaction that began earlier may commit later: inputs of the last minute are looked at again.
constexpr Milliseconds overlap = 60'000;
constexpr unsigned full_look_rounds = 60;  // about ten minutes

}  // namespace

void CorpusShare::merged(const std::string& target) {
  const std::lock_guard lock(mutex_);
  merged_.insert(target);
}

void CorpusShare::exchange(Store& store, bool leads) {
  if (!shared_) return;
  for (const std::string& name : names_) exchange_one(store, name, targets_[name], leads);
}

void CorpusShare::exchange_one(Store& store, const std::string& name, Target& target, bool leads) {
  const Corpus corpus(state_ / "corpus" / name);
  corpus.make();
  hash_new(corpus, target);
  bool merged = false;
  {
    const std::lock_guard lock(mutex_);
    merged = merged_.erase(name) > 0;
  }
  if (merged && leads) {
    std::vector<std::string> kept;
    for (const auto& [file, hash] : target.hashes) kept.push_back(hash);
    std::ranges::sort(kept);
    // What came after this farm had looked last was not in the merge.
    store.keep_inputs(name, kept, target.since);
  }
  take(store, name, corpus, target);
  give(store, name, corpus, target);
  if (++target.rounds % full_look_rounds == 0) drop_what_others_dropped(store, name, corpus, target);
}

void CorpusShare::hash_new(const Corpus& corpus, Target& target) const {
  std::map<std::string, std::string> there;
  std::error_code error;
  for (auto it = fs::directory_iterator(corpus.folder(), error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    const std::string name = it->path().filename();
    const auto known = target.hashes.find(name);
    // Files of a corpus never change.
    const std::string hash = known == target.hashes.end() ? sha256_file(it->path()) : known->second;
    if (!hash.empty()) there[name] = hash;
  }
  target.hashes = std::move(there);
}

void CorpusShare::take(Store& store, const std::string& name, const Corpus& corpus, Target& target) const {
  std::set<std::string> here;
  for (const auto& [file, hash] : target.hashes) here.insert(hash);
  std::size_t moved = 0;
  for (const SharedInput& input : store.shared_inputs(name, std::max<Milliseconds>(0, target.since - overlap))) {
    target.since = std::max(target.since, input.at);
    if (!target.known.insert(input.hash).second) continue;
    target.bytes += input.bytes;
    if (here.contains(input.hash)) continue;
    if (const auto bytes = store.blobs().get(input.hash)) corpus.add(*bytes);
    if (++moved == moved_max) break;
  }
}

void CorpusShare::give(Store& store, const std::string& name, const Corpus& corpus, Target& target) const {
  std::size_t moved = 0;
  if (target.known.size() >= bounds_.entries_max) return;
  for (const auto& [file, hash] : target.hashes) {
    if (target.known.contains(hash)) continue;
    const std::string content = read_bytes(corpus.folder() / file);
    if (content.empty() || sha256(content) != hash) continue;
    if (target.bytes + content.size() > bounds_.bytes_max) continue;
    target.bytes += content.size();
    store.blobs().put(content);
    store.share_input(name, hash, content.size());
    target.known.insert(hash);
    if (++moved == moved_max) return;
  }
}

void CorpusShare::drop_what_others_dropped(Store& store, const std::string& name, const Corpus& corpus,
                                           Target& target) const {
  std::set<std::string> shared;
  target.bytes = 0;
  for (const SharedInput& input : store.shared_inputs(name, 0)) {
    shared.insert(input.hash);
    target.bytes += input.bytes;
  }
  for (const auto& [file, hash] : target.hashes) {
    if (shared.contains(hash) || !target.known.contains(hash)) continue;
    std::error_code error;
    fs::remove(corpus.folder() / file, error);
  }
  target.known = std::move(shared);
}

}  // namespace rcufarm::stress
