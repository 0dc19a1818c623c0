#include "oracle/signature.h"

#include <string_view>

namespace rcufarm::oracle {

std::string signature_of(const Accusation& accusation) {
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

std::string describe(const Accusation& accusation) {
  std::string text = meaning_of(accusation.kind);
  if (accusation.text[0] != '\0') text += std::string(" (") + accusation.text + ")";
  for (const Role& role : accusation.roles) {
    if (role.role[0] == '\0') continue;
    text +=
        std::string("; ") + role.role + " by " + sim::name_of(role.party.context) + " in " + role.party.site.function;
  }
  return text;
}

}  // namespace rcufarm::oracle
