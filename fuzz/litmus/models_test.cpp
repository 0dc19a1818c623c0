// The classic tests under each model, with outcomes derived by hand from the definitions.
//
// A row's four marks are sc, tso, c11 and kernel: `+` reached, `-` never, `.` not asked (the kernel has no seq_cst accesses). No
// model builds load buffering, so LB is `-` throughout.
#include <gtest/gtest.h>

#include "litmus/explore.h"
#include "litmus/lab.h"

namespace rcufarm::litmus {
namespace {

struct Row {
  const char* name;
  const char* program;
  const char* outcome;
  const char* reached;
};

class Classic : public testing::TestWithParam<Row> {};

TEST_P(Classic, IsReachedAsDerived) {
  const Row& row = GetParam();
  const LabProgram program(row.program);
  std::string reached;
  for (std::size_t i = 0; i < all_models().size(); ++i) {
    const auto result = explore(program, *all_models()[i], [&](const State& s) { return holds(row.outcome, s); });
    const bool matches = std::get<Outcome>(result).matches != 0;
    reached += row.reached[i] == '.' ? '.' : matches ? '+' : '-';
  }
  EXPECT_EQ(reached, row.reached) << row.program << "  =>  " << row.outcome;
}

std::string name_of(const testing::TestParamInfo<Row>& info) {
  std::string name = info.param.name;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return std::to_string(info.index) + "_" + name;
}

#define ROWS(Group, ...) INSTANTIATE_TEST_SUITE_P(Group, Classic, testing::Values(__VA_ARGS__), name_of)

constexpr const char* sb = "0:0=0 1:0=0";
constexpr const char* sb_behind_rmw = "0:1=0 1:1=0";
constexpr const char* sb_behind_one_rmw = "0:1=0 1:0=0";

ROWS(SB, Row{"SB", "Wx1 Ry | Wy1 Rx", sb, "-+++"},                      //
     Row{"SB+mbs", "Wx1 mb Ry | Wy1 mb Rx", sb, "----"},                //
     Row{"SB+mb+po", "Wx1 mb Ry | Wy1 Rx", sb, "-+++"},                 //
     Row{"SB+rmbs", "Wx1 rmb Ry | Wy1 rmb Rx", sb, "-+++"},             //
     Row{"SB+wmbs", "Wx1 wmb Ry | Wy1 wmb Rx", sb, "-+++"},             //
     Row{"SB+rel+acq", "Wx1.rel Ry.acq | Wy1.rel Rx.acq", sb, "-+++"},  //
     Row{"SB+sc", "Wx1.sc Ry.sc | Wy1.sc Rx.sc", sb, "---."},           //
     Row{"SB+scfences", "Wx1 sc Ry | Wy1 sc Rx", sb, "---."},           //
     // Both sides must be seq_cst; on x86 the store is an xchg, and that is enough.
     Row{"SB+scwrites", "Wx1.sc Ry | Wy1.sc Rx", sb, "--+."},         //
     Row{"SB+screads", "Wx1.rel Ry.sc | Wy1.rel Rx.sc", sb, "-++."},  //
     Row{"SB+syncs", "Wx1 sync Ry | Wy1 sync Rx", sb, "----"},        //
     // The kernel's full read-modify-write has smp_mb around it; a seq_cst one in C11 is no fence.
     Row{"SB+xchgs", "Xx1.full Ry | Xy1.full Rx", sb_behind_rmw, "--+-"},                      //
     Row{"SB+relaxed xchgs", "Xx1 Ry | Xy1 Rx", sb_behind_rmw, "--++"},                        //
     Row{"SB+xchg between", "Wx1 Xa1.full Ry | Wy1 mb Rx", sb_behind_one_rmw, "--+-"},         //
     Row{"SB+xchg_acquire between", "Wx1 Xa1.acq Ry | Wy1 mb Rx", sb_behind_one_rmw, "--++"},  //
     Row{"SB+atomics", "Ax1 Ry | Ay1 Rx", sb, "--++"},                                         //
     Row{"SB+after_atomics", "Ax1 after Ry | Ay1 after Rx", sb, "----"},                       //
     Row{"SB+before_atomics", "before Ax1 Ry | before Ay1 Rx", sb, "--++"},                    //
     // What stands between the operation and its fence has no order; a fence of C11 does not care.
     Row{"SB+between atomic and after", "Az1 Wx1 after Ry | Wy1 mb Rx", sb, "-+-+"},    //
     Row{"SB+between before and atomic", "Wx1 before Ry Az1 | Wy1 mb Rx", sb, "-+-+"},  //
     Row{"SB+after beside WRITE_ONCE", "Wx1 after Ry | Wy1 mb Rx", sb, "-+-+"},         //
     // A cmpxchg that fails orders nothing, but the fence behind it does. x86 locks the bus all the same.
     Row{"SB+failed cmpxchg", "Wx1 Cz12.full Ry | Wy1 mb Rx", sb_behind_one_rmw, "--++"},              //
     Row{"SB+failed cmpxchg+after", "Wx1 Cz12.full after Ry | Wy1 mb Rx", sb_behind_one_rmw, "----"},  //
     Row{"SB+one lock", "Lz Wx1 Ry Uz | Lz Wy1 Rx Uz", sb, "----"},                                    //
     Row{"SB+two locks", "La Wx1 Ry Ua | Lb Wy1 Rx Ub", sb, "-+++"},                                   //
     Row{"SB+lock between", "Wx1 La Ry Ua | Wy1 Lb Rx Ub", sb, "--++"},                                //
     Row{"SB+after_spinlock", "Wx1 La after_lock Ry Ua | Wy1 Lb after_lock Rx Ub", sb, "----"},        //
     // An unlock and a lock by one CPU order stores, but no store with a later load.
     Row{"SB+unlock-lock", "La Wx1 Ua Lb Ry Ub | Wy1 mb Rx", sb, "--++"},  //
     Row{"SB+unlock-lock+after_unlock_lock", "La Wx1 Ua Lb after_ul Ry Ub | Wy1 mb Rx", sb, "----"});

constexpr const char* mp = "1:0=1 1:1=0";

ROWS(MP, Row{"MP", "Wx1 Wy1 | Ry Rx", mp, "--++"},                        //
     Row{"MP+wmb+rmb", "Wx1 wmb Wy1 | Ry rmb Rx", mp, "----"},            //
     Row{"MP+mbs", "Wx1 mb Wy1 | Ry mb Rx", mp, "----"},                  //
     Row{"MP+wmb+po", "Wx1 wmb Wy1 | Ry Rx", mp, "--++"},                 //
     Row{"MP+po+rmb", "Wx1 Wy1 | Ry rmb Rx", mp, "--++"},                 //
     Row{"MP+rmb+wmb", "Wx1 rmb Wy1 | Ry wmb Rx", mp, "--++"},            //
     Row{"MP+wmb+acq", "Wx1 wmb Wy1 | Ry.acq Rx", mp, "----"},            //
     Row{"MP+rel+rmb", "Wx1 Wy1.rel | Ry rmb Rx", mp, "----"},            //
     Row{"MP+rel+acq", "Wx1 Wy1.rel | Ry.acq Rx", mp, "----"},            //
     Row{"MP+rel+po", "Wx1 Wy1.rel | Ry Rx", mp, "--++"},                 //
     Row{"MP+po+acq", "Wx1 Wy1 | Ry.acq Rx", mp, "--++"},                 //
     Row{"MP+relfence+acqfence", "Wx1 rel Wy1 | Ry acq Rx", mp, "---."},  //
     // Dependencies are the kernel's; a control dependency orders no later load.
     Row{"MP+wmb+addr", "Wx1 wmb Wy1 | Ry addr:Rx", mp, "--+-"},  //
     Row{"MP+rel+addr", "Wx1 Wy1.rel | Ry addr:Rx", mp, "--+-"},  //
     Row{"MP+wmb+ctrl", "Wx1 wmb Wy1 | Ry ctrl:Rx", mp, "--++"},  //
     // C++20: a release sequence is carried on by read-modify-writes, of anybody, and by no store.
     Row{"MP+rel then store", "Wx1 Wy1.rel Wy2 | Ry.acq Rx", "1:0=2 1:1=0", "--++"},          //
     Row{"MP+rel then own rmw", "Wx1 Wy1.rel Xy2 | Ry.acq Rx", "0:0=1 1:0=2 1:1=0", "----"},  //
     Row{"MP+rel then rmw", "Wx1 Wy1.rel | Xy2 | Ry.acq Rx", "1:0=1 2:0=2 2:1=0", "----"},    //
     Row{"MP+wmb then rmw", "Wx1 wmb Wy1 | Xy2 | Ry.acq Rx", "1:0=1 2:0=2 2:1=0", "----"},    //
     Row{"MP+rel and acq of one CPU", "Wx1 Wa1.rel Ra.acq Wy1 | Ry.acq Rx", mp, "--++"},      //
     Row{"MP+unlock-lock", "La Wx1 Ua Lb Wy1 Ub | Ry.acq Rx", mp, "--+-"},                    //
     Row{"MP+lock-unlock", "Wx1 La Ua Wy1 | Ry.acq Rx", mp, "--++"},                          //
     Row{"MP+in one lock", "Lz Wx1 Wy1 Uz | Lz Ry Rx Uz", mp, "----"},                        //
     Row{"MP+reader unlocked", "Lz Wx1 Wy1 Uz | Ry Rx", mp, "--++"},                          //
     // smp_rmb does not know the read of an operation that returns nothing.
     Row{"MP+wmb+noreturn rmb", "Wx1 wmb Wy1 | Ay2 rmb Rx", "y=3 1:0=0", "---+"},  //
     Row{"MP+wmb+failed cmpxchg rmb", "Wx1 wmb Wy1 | Cy02 rmb Rx", mp, "----"});

ROWS(LB, Row{"LB", "Rx Wy1 | Ry Wx1", "0:0=1 1:0=1", "----"},
     Row{"LB+data+data", "Rx data:Wy1 | Ry data:Wx1", "0:0=1 1:0=1", "----"},
     Row{"LB out of thin air", "Rx Wy= | Ry Wx=", "0:0=1 1:0=1", "----"});

constexpr const char* iriw = "2:0=1 2:1=0 3:0=1 3:1=0";

ROWS(
    IRIW, Row{"IRIW", "Wx1 | Wy1 | Rx Ry | Ry Rx", iriw, "--++"},                              //
    Row{"IRIW+acqs", "Wx1 | Wy1 | Rx.acq Ry.acq | Ry.acq Rx.acq", iriw, "--++"},               //
    Row{"IRIW+rels+acqs", "Wx1.rel | Wy1.rel | Rx.acq Ry.acq | Ry.acq Rx.acq", iriw, "--++"},  //
    Row{"IRIW+addrs", "Wx1 | Wy1 | Rx addr:Ry | Ry addr:Rx", iriw, "--++"},                    //
    Row{"IRIW+mbs", "Wx1 | Wy1 | Rx mb Ry | Ry mb Rx", iriw, "----"},                          //
    Row{"IRIW+mb+rmb", "Wx1 | Wy1 | Rx mb Ry | Ry rmb Rx", iriw, "--++"},                      //
    // P0668: two seq_cst fences between relaxed reads of what two others write, relaxed. C++11 allowed it, C++20 does not.
    Row{"IRIW+scfences", "Wx1 | Wy1 | Rx sc Ry | Ry sc Rx", iriw, "---."},        //
    Row{"IRIW+sc", "Wx1.sc | Wy1.sc | Rx.sc Ry.sc | Ry.sc Rx.sc", iriw, "---."},  //
    // RC11 gave this up, for POWER's sake.
    Row{"IRIW+acq+sc", "Wx1.sc | Wy1.sc | Rx.acq Ry.sc | Ry.acq Rx.sc", iriw, "--+."});

constexpr const char* two_two_w = "x=1 y=1";

ROWS(TwoTwoW, Row{"2+2W", "Wx1 Wy2 | Wy1 Wx2", two_two_w, "--++"},        //
     Row{"2+2W+wmbs", "Wx1 wmb Wy2 | Wy1 wmb Wx2", two_two_w, "--++"},    //
     Row{"2+2W+rels", "Wx1 Wy2.rel | Wy1 Wx2.rel", two_two_w, "--++"},    //
     Row{"2+2W+mb+po", "Wx1 mb Wy2 | Wy1 Wx2", two_two_w, "--++"},        //
     Row{"2+2W+mb+wmb", "Wx1 mb Wy2 | Wy1 wmb Wx2", two_two_w, "--++"},   //
     Row{"2+2W+mbs", "Wx1 mb Wy2 | Wy1 mb Wx2", two_two_w, "----"},       //
     Row{"2+2W+scfences", "Wx1 sc Wy2 | Wy1 sc Wx2", two_two_w, "---."},  //
     Row{"2+2W+sc", "Wx1.sc Wy2.sc | Wy1.sc Wx2.sc", two_two_w, "---."});

constexpr const char* wrc = "1:0=1 2:0=1 2:1=0";

ROWS(WRC, Row{"WRC", "Wx1 | Rx Wy1 | Ry Rx", wrc, "--++"},  //
     // Reads that are ordered by happens-before are coherent in C11; smp_wmb orders no read for the kernel.
     Row{"WRC+wmb+rmb", "Wx1 | Rx wmb Wy1 | Ry rmb Rx", wrc, "---+"},    //
     Row{"WRC+acq+rmb", "Wx1 | Rx.acq Wy1 | Ry rmb Rx", wrc, "--++"},    //
     Row{"WRC+data+rmb", "Wx1 | Rx data:Wy1 | Ry rmb Rx", wrc, "--++"},  //
     Row{"WRC+rel+rmb", "Wx1 | Rx Wy1.rel | Ry rmb Rx", wrc, "----"},    //
     Row{"WRC+mb+rmb", "Wx1 | Rx mb Wy1 | Ry rmb Rx", wrc, "----"},      //
     Row{"WRC+rel+po", "Wx1 | Rx Wy1.rel | Ry Rx", wrc, "--++"});

constexpr const char* isa2 = "1:0=1 2:0=1 2:1=0";

ROWS(ISA2, Row{"ISA2", "Wx1 Wy1 | Ry Wz1 | Rz Rx", isa2, "--++"},                      //
     Row{"ISA2+wmb+data+acq", "Wx1 wmb Wy1 | Ry data:Wz1 | Rz.acq Rx", isa2, "--++"},  //
     Row{"ISA2+rel+data+acq", "Wx1 Wy1.rel | Ry data:Wz1 | Rz.acq Rx", isa2, "--++"},  //
     Row{"ISA2+mb+data+acq", "Wx1 mb Wy1 | Ry data:Wz1 | Rz.acq Rx", isa2, "--+-"},    //
     Row{"ISA2+rel+rel+acq", "Wx1 Wy1.rel | Ry Wz1.rel | Rz.acq Rx", isa2, "--+-"},    //
     Row{"ISA2+rel+acqrel+acq", "Wx1 Wy1.rel | Ry.acq Wz1.rel | Rz.acq Rx", isa2, "----"});

constexpr const char* r = "y=2 1:0=0";

ROWS(R, Row{"R", "Wx1 Wy1 | Wy2 Rx", r, "-+++"},        //
     Row{"R+mb+po", "Wx1 mb Wy1 | Wy2 Rx", r, "-+++"},  //
     // smp_mb does not mean "read the newest now": the other's store may be late.
     Row{"R+po+mb", "Wx1 Wy1 | Wy2 mb Rx", r, "--++"},        //
     Row{"R+wmb+mb", "Wx1 wmb Wy1 | Wy2 mb Rx", r, "--++"},   //
     Row{"R+rel+mb", "Wx1 Wy1.rel | Wy2 mb Rx", r, "--++"},   //
     Row{"R+mbs", "Wx1 mb Wy1 | Wy2 mb Rx", r, "----"},       //
     Row{"R+scfences", "Wx1 sc Wy1 | Wy2 sc Rx", r, "---."},  //
     Row{"R+sc", "Wx1.sc Wy1.sc | Wy2.sc Rx.sc", r, "---."});

constexpr const char* s = "x=2 1:0=1";

// S: a store takes its place before one that is there already.
ROWS(S, Row{"S", "Wx2 Wy1 | Ry Wx1", s, "--++"},                 //
     Row{"S+mb+po", "Wx2 mb Wy1 | Ry Wx1", s, "--++"},           //
     Row{"S+po+acq", "Wx2 Wy1 | Ry.acq Wx1", s, "--++"},         //
     Row{"S+wmb+data", "Wx2 wmb Wy1 | Ry data:Wx1", s, "--+-"},  //
     Row{"S+wmb+ctrl", "Wx2 wmb Wy1 | Ry ctrl:Wx1", s, "--+-"},  //
     Row{"S+wmb+acq", "Wx2 wmb Wy1 | Ry.acq Wx1", s, "----"},    //
     Row{"S+rel+acq", "Wx2 Wy1.rel | Ry.acq Wx1", s, "----"},    //
     Row{"S+mbs", "Wx2 mb Wy1 | Ry mb Wx1", s, "----"});

ROWS(Coherence, Row{"CoRR", "Wx1 | Rx Rx", "1:0=1 1:1=0", "----"},                        //
     Row{"CoRR plain", "Wx1 | Rx.na Rx.na", "1:0=1 1:1=0", "----"},                       //
     Row{"CoRR of two", "Wx1 | Wx2 | Rx Rx | Rx Rx", "2:0=1 2:1=2 3:0=2 3:1=1", "----"},  //
     Row{"CoWW", "Wx1 Wx2", "x=1", "----"},                                               //
     Row{"CoWR old", "Wx1 Rx | Wx2", "0:0=0", "----"},                                    //
     Row{"CoWR", "Wx1 Rx | Wx2", "0:0=2 x=1", "----"},                                    //
     Row{"CoRW1", "Rx Wx1", "0:0=1", "----"},                                             //
     Row{"CoRW2", "Rx Wx1 | Wx2", "0:0=2 x=2", "----"},                                   //
     Row{"two rmws read one", "Xx1 | Xx2", "0:0=0 1:0=0", "----"},                        //
     Row{"two increments", "Ax1 | Ax1", "x=1", "----"},                                   //
     Row{"store within rmw", "Xx1 | Wx2", "0:0=0 x=1", "----"},                           //
     Row{"lock", "Lz Rx Wx1 Uz | Lz Rx Wx2 Uz", "0:0=0 1:0=0", "----"},                   //
     // A read-modify-write need not read the newest: it may take its place, as a whole, before what is there.
     Row{"late xchg", "Wx1 Wy1 | Ry Xx2", "1:0=1 1:1=0 x=1", "--++"},  //
     Row{"late xchg+rel+acq", "Wx1 Wy1.rel | Ry.acq Xx2", "1:0=1 1:1=0 x=1", "----"});

constexpr const char* rwc = "1:0=1 1:1=0 2:0=0";
constexpr const char* z6 = "1:0=1 z=2 2:0=0";

ROWS(ThreeThreads, Row{"RWC", "Wx1 | Rx Ry | Wy1 Rx", rwc, "-+++"},                      //
     Row{"RWC+po+mb", "Wx1 | Rx Ry | Wy1 mb Rx", rwc, "--++"},                           //
     Row{"RWC+acq+mb", "Wx1 | Rx.acq Ry | Wy1 mb Rx", rwc, "--++"},                      //
     Row{"RWC+mbs", "Wx1 | Rx mb Ry | Wy1 mb Rx", rwc, "----"},                          //
     Row{"RWC+scfences", "Wx1 | Rx sc Ry | Wy1 sc Rx", rwc, "---."},                     //
     Row{"W+RWC", "Wx1 Wy1 | Ry Rz | Wz1 Rx", rwc, "-+++"},                              //
     Row{"W+RWC+po+mbs", "Wx1 Wy1 | Ry mb Rz | Wz1 mb Rx", rwc, "--++"},                 //
     Row{"W+RWC+wmb+mbs", "Wx1 wmb Wy1 | Ry mb Rz | Wz1 mb Rx", rwc, "----"},            //
     Row{"W+RWC+rel+acqmb+mb", "Wx1 Wy1.rel | Ry.acq mb Rz | Wz1 mb Rx", rwc, "----"},   //
     Row{"Z6.0+rel+acqrel+mb", "Wx1 Wy1.rel | Ry.acq Wz1.rel | Wz2 mb Rx", z6, "--++"},  //
     Row{"Z6.0+mbs", "Wx1 mb Wy1 | Ry mb Wz1 | Wz2 mb Rx", z6, "----"},                  //
     // Z6.U of the RC11 paper: C11 forbade it, compilers for POWER did not, so RC11 allows it.
     Row{"Z6.U", "Wx1.sc Wy1.rel | Xy2.full Ry | Wy3.sc Rx.sc", "1:0=1 1:1=3 2:0=0", "--+."});

// Grace periods order what lies outside of sections too, and a ring is forbidden if it has as many of them as sections.
ROWS(Rcu, Row{"reader sees both", "rcu{ Ry Rx }rcu | Wx1 sync Wy1", "0:0=1 0:1=0", "----"},  //
     Row{"no section", "Ry Rx | Wx1 sync Wy1", "0:0=1 0:1=0", "--++"},                       //
     Row{"empty section", "Wx1 rcu{ }rcu Ry | Wy1 sync Rx", sb, "----"},                     //
     Row{"mb for a grace period", "Wx1 rcu{ }rcu Ry | Wy1 mb Rx", sb, "-+++"},               //
     Row{"nested", "rcu{ rcu{ Ry }rcu Rx }rcu | Wx1 sync Wy1", "0:0=1 0:1=0", "----"},       //
     // A section that is over when the store is read again does not hold the grace period up.
     Row{"two sections of one CPU", "rcu{ Ry }rcu rcu{ Rx }rcu | Wx1 sync Wy1", "0:0=1 0:1=0", "----"},  //
     Row{"two sections, one grace period", "rcu{ Wx1 Ry }rcu | rcu{ Wy1 Rz }rcu | Wz1 sync Rx", "0:0=0 1:0=0 2:0=0",
         "-+++"},  //
     Row{"two sections, two grace periods", "rcu{ Wx1 Ry }rcu | rcu{ Wy1 Rz }rcu | Wz1 sync Ra | Wa1 sync Rx",
         "0:0=0 1:0=0 2:0=0 3:0=0", "----"},                                                        //
     Row{"SRCU", "srcu{s Ry Rx }srcu{s | Wx1 syncs Wy1", "0:0=1 0:1=0", "----"},                    //
     Row{"SRCU of another struct", "srcu{s Ry Rx }srcu{s | Wx1 synca Wy1", "0:0=1 0:1=0", "--++"},  //
     Row{"SRCU for RCU", "rcu{ Ry Rx }rcu | Wx1 syncs Wy1", "0:0=1 0:1=0", "--++"},                 //
     Row{"RCU for SRCU", "srcu{s Ry Rx }srcu{s | Wx1 sync Wy1", "0:0=1 0:1=0", "--++"});

}  // namespace
}  // namespace rcufarm::litmus
