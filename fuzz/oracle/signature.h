// Signatures: what makes two findings one.
//
// Job: a text from the kind and the names of an accusation, and nothing else: no addresses, lines, counts or contexts.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "oracle/accusation.h"

namespace rcufarm::oracle {

// "callback-on-freed-cache: free_caches, do_call_rcu_ttrace"; of a bad pointer its cause: "corrupted-list: free inside take_all".
std::string signature_of(const Accusation& accusation);
// Without the cause, as signatures were before there were any: what a finding of that time has.
std::string former_signature_of(const Accusation& accusation);
// Is it the accusation's, of this time or of the former?
bool is_signature_of(std::string_view signature, const Accusation& accusation);
// A line or two for people: what it means, and who did what where. `meaning`: of its kind, in the words of whoever is accused.
std::string describe(const Accusation& accusation, const char* meaning);

}  // namespace rcufarm::oracle
