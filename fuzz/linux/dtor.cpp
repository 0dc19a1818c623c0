#include "linux/dtor.h"

#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "linux/shim.h"

namespace rcufarm::linux_shim {

namespace {

// In front of what a user is given: the list node.
constexpr std::size_t header = sizeof(void*);

enum class Element : std::uint8_t { with_user, with_allocator, destroyed };
std::unordered_map<const void*, Element> elements;
std::unordered_set<const void*> allocators;

}  // namespace

void begin_dtors() {
  elements.clear();
  allocators.clear();
}

void* new_dtor_context(const void* ma) {
  kernel::AllocFailure why = kernel::AllocFailure::none;
  static const sim::Site site{.file = "scenario", .function = "set_dtor", .line = 0};
  void* context = sim::slab_alloc(sizeof(sim::Word), kernel::Gfp::nowait, false, why, site);
  if (context == nullptr) return nullptr;
  allocators.insert(ma);
  foreign::store(context, sizeof(sim::Word), 0, kernel::Order::relaxed, site);
  return context;
}

void run_dtor(void* object, void* context) {
  const sim::Site& site = RCUFARM_CALLER;
  foreign::load(context, sizeof(sim::Word), kernel::Order::relaxed, site);
  const auto [at, is_new] = elements.try_emplace(object, Element::with_allocator);
  const Element was = std::exchange(at->second, Element::destroyed);
  if (was == Element::destroyed) sim::warn("the destructor runs a second time for one object", site);
  if (was == Element::with_user) sim::warn("the destructor runs for an object that a user has", site);
}

void free_dtor_context(void* context) { sim::slab_free(context, RCUFARM_CALLER); }

void dtor_handed_out(const void* ma, const void* object) {
  if (allocators.contains(ma)) elements[object] = Element::with_user;
}
void dtor_freed(const void* object) {
  if (const auto at = elements.find(object); at != elements.end()) at->second = Element::with_allocator;
}
void dtor_freed_raw(const void* object) { elements.erase(object); }

void dtor_memory_freed(const void* memory, const sim::Site& site) {
  const auto at = elements.find(static_cast<const char*>(memory) + header);
  if (at == elements.end()) return;
  const Element was = at->second;
  elements.erase(at);
  if (was == Element::with_allocator) sim::warn("an object goes back to the slab without its destructor", site);
}

}  // namespace rcufarm::linux_shim
