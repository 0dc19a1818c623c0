// The journal: what the farm owes the store, on its own disk.
//
// Job: entries in order, durable when append() returns, until they are delivered; bounded. One file in the state folder. Owner: the
// farm that has the folder's lock; any of its threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "stress/store/entry.h"
#include "stress/store/sql.h"

namespace rcufarm::stress {

class Journal {
 public:
  // Throws StoreError.
  Journal(const std::filesystem::path& state, std::uint64_t bytes_max);

  // All of them or none. Throws StoreError: the disk does not take them, or there are as many as there may be.
  void append(const std::vector<Entry>& entries);
  // Throws as append() would with as much as a finding brings.
  void try_to_append();

  struct Owed {
    std::int64_t number = 0;
    std::string bytes;
  };
  // The oldest.
  std::vector<Owed> oldest(std::size_t count_max);
  // They are in the store, up to this one.
  void delivered(std::int64_t number);
  // The store will never take it: it is kept apart, with the reason.
  void refused(std::int64_t number, const std::string& why);

  std::uint64_t entries() const;
  std::uint64_t refused_entries() const;

  // Small texts that outlive the process: "" if there is none.
  std::string note(const std::string& name);
  void set_note(const std::string& name, const std::string& value);

 private:
  template <class Act>
  auto transact(Act act);
  void count_all();
  void forget(const SqlResult& sums);  // of entries that go

  const std::filesystem::path file_;
  const std::uint64_t bytes_max_;
  mutable std::mutex mutex_;
  std::unique_ptr<Sql> sql_;
  std::int64_t last_ = 0;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace rcufarm::stress
