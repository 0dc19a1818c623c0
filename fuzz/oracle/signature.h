// Signatures: what makes two findings one.
//
// Job: a text from the kind and the names of an accusation, and nothing else: no addresses, lines, counts or contexts.
// Pure.
#pragma once

#include <string>

#include "oracle/accusation.h"

namespace rcufarm::oracle {

// "callback-on-freed-cache: free_caches, do_call_rcu_ttrace"
std::string signature_of(const Accusation& accusation);
// A line or two for people: what it means, and who did what where.
std::string describe(const Accusation& accusation);

}  // namespace rcufarm::oracle
