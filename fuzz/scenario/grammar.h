// What is printed from the tables of operations and settings: grammar, dictionaries and the tables of README.md.
//
// Job: nothing about the format is written down twice. README.md holds these texts between markers, and a test compares.
// No state; any thread.
#pragma once

#include <string>

namespace rcufarm::scenario {

// The text form in EBNF: a rule per line, 'eol' ends a line of the text.
std::string text_grammar();
// For engines that mutate the byte form: a record for each operation, the end record, sizes. libFuzzer and AFL++ read it.
std::string byte_dictionary();
// For engines that mutate the text form: its words.
std::string text_dictionary();

// Markdown.
std::string operation_table();
std::string setting_table();

}  // namespace rcufarm::scenario
