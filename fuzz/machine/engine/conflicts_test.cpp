// Which uses conflict: a table of pairs.
#include <gtest/gtest.h>

#include "machine/engine/step.h"

namespace rcufarm::sim {
namespace {

using kernel::RcuFlavor;

TEST(Conflicts, AreWhatTheirNamesSay) {
  const auto meets = [](Resources a, Resources b) {
    EXPECT_EQ(a.conflicts_with(b), b.conflicts_with(a)) << "one way only";
    return a.conflicts_with(b);
  };
  const Resources section = Resources::section(RcuFlavor::regular);
  const Resources grace = Resources::grace_period(RcuFlavor::regular);
  EXPECT_FALSE(meets(section, section));
  EXPECT_TRUE(meets(section, grace));
  EXPECT_FALSE(meets(grace, grace));
  const Resources awaited = Resources::awaited(RcuFlavor::regular);
  EXPECT_TRUE(meets(awaited, Resources::waited(RcuFlavor::regular)));
  EXPECT_FALSE(meets(awaited, Resources::waited(RcuFlavor::tasks_trace)));
  EXPECT_FALSE(meets(awaited, awaited | section | grace));
  EXPECT_FALSE(meets(section, Resources::grace_period(RcuFlavor::tasks_trace)));
  EXPECT_FALSE(meets(section, Resources::user()));
  EXPECT_TRUE(meets(Resources::reader(), Resources::user()));
  EXPECT_FALSE(meets(Resources::user(), Resources::user()));
  EXPECT_FALSE(meets(Resources::user(), grace));
  EXPECT_FALSE(meets(Resources::on_cpu(3), Resources::on_cpu(3)));
  EXPECT_TRUE(meets(Resources::on_cpu(3), Resources::of_cpu(3)));
  EXPECT_TRUE(meets(Resources::of_cpu(3), Resources::of_cpu(3)));
  EXPECT_FALSE(meets(Resources::of_cpu(3), Resources::of_cpu(4) | Resources::on_cpu(2)));
  EXPECT_FALSE(meets(Resources::slab(), Resources::slab()));
  EXPECT_TRUE(meets(Resources::slab(), Resources::slab_order()));
  EXPECT_TRUE(meets(Resources::slab_order(), Resources::slab_order()));
  EXPECT_TRUE(meets(Resources::program(15), Resources::program(15)));
  EXPECT_FALSE(meets(Resources::program(0), Resources::program(1)));
  EXPECT_TRUE(meets(Resources::workqueue(), Resources::workqueue()));
  EXPECT_TRUE(meets(Resources::waits(), Resources::notifies()));
  EXPECT_FALSE(meets(Resources::waits(), Resources::waits()));
  EXPECT_FALSE(meets(Resources::notifies(), Resources::notifies()));
  EXPECT_TRUE(meets(Resources::fences(), Resources::fences()));
  EXPECT_TRUE(meets(Resources::fences(), Resources::buffers()));
  EXPECT_FALSE(meets(Resources::buffers(), Resources::buffers()));

  char memory[32] = {};
  const auto step = [](unsigned task, std::span<const Touched> words) {
    return Step{task_context(task), Op::none, {}, words, false};
  };
  const Touched read[] = {{memory + 8, 8, false}};
  const Touched write[] = {{memory + 8, 8, true}};
  const Touched beside[] = {{memory + 16, 8, true}};
  const Touched all[] = {{memory, 32, true}};
  EXPECT_FALSE(conflict(step(0, read), step(1, read)));
  EXPECT_TRUE(conflict(step(0, read), step(1, write)));
  EXPECT_TRUE(conflict(step(0, write), step(1, write)));
  EXPECT_FALSE(conflict(step(0, write), step(1, beside)));
  EXPECT_TRUE(conflict(step(0, all), step(1, read)));
  EXPECT_TRUE(conflict(step(0, read), step(0, read))) << "of one context";
  EXPECT_TRUE(conflict(Step{task_context(0), Op::none, {}, {}, true}, step(1, {})));
}

}  // namespace
}  // namespace rcufarm::sim
