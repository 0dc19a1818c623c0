// Oracle: when everything is destroyed and has settled, every allocation is back in the slab.
//
// Job: look at the books once, after a run that finished. No state.
#pragma once

#include "oracle/object_books.h"
#include "oracle/verdict.h"

namespace rcufarm::oracle {

void accuse_leak(ObjectBooks& books, Verdict& verdict);

}  // namespace rcufarm::oracle
