#include "oracle/signature.h"

#include <string_view>

namespace rcufarm::oracle {

namespace {

// " (destroy.cpp:40)"
std::string place_in_file(const sim::Site& site) {
  const std::string_view file = site.file;
  return " (" + std::string(file.substr(file.rfind('/') + 1)) + ":" + std::to_string(site.line) + ")";
}

}  // namespace

std::string signature_of(const Accusation& accusation) {
  if (accusation.cause[0] == '\0') return former_signature_of(accusation);
  return std::string(name_of(accusation.kind)) + ": " + accusation.cause;
}

std::string former_signature_of(const Accusation& accusation) {
  std::string text = name_of(accusation.kind);
  const char* separator = ": ";
  for (const char* name : accusation.names) {
    if (name[0] == '\0') continue;
    text += separator;
    text += name;
    separator = ", ";
  }
  return text;
}

bool is_signature_of(std::string_view signature, const Accusation& accusation) {
  return signature == signature_of(accusation) || signature == former_signature_of(accusation);
}

std::string describe(const Accusation& accusation, const char* meaning) {
  std::string text = meaning;
  if (accusation.text[0] != '\0') text += std::string(" (") + accusation.text + ")";
  for (const Role& role : accusation.roles) {
    if (role.role[0] == '\0') continue;
    text += std::string("; ") + role.role + " by " + sim::name_of(role.party.context);
    // A look at the whole is in no call.
    if (role.party.site.function[0] != '\0') text += std::string(" in ") + role.party.site.function;
    // The line is all that there is to see of it.
    if (accusation.kind == Kind::no_end) text += place_in_file(role.party.site);
  }
  if (accusation.cause[0] != '\0') text += std::string("; the pointer: ") + accusation.cause;
  return text;
}

}  // namespace rcufarm::oracle
