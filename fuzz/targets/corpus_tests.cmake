# Tests of corpus/: what is kept there says what it should, in seconds.
set(corpus ${PROJECT_SOURCE_DIR}/corpus)
set(checks ${CMAKE_CURRENT_LIST_DIR})
find_package(Python3 COMPONENTS Interpreter)

# rcufarm_corpus_test(<name> COMMAND <command>...)
function(rcufarm_corpus_test name)
  add_test(NAME corpus/${name} ${ARGN})
  set_tests_properties(corpus/${name} PROPERTIES TIMEOUT 120)
endfunction()

if(RCUFARM_SANITIZE STREQUAL "none")
  # A seed is its text, and finds nothing.
  file(GLOB texts CONFIGURE_DEPENDS ${corpus}/text/*.txt)
  foreach(text IN LISTS texts)
    cmake_path(GET text STEM name)
    rcufarm_corpus_test(${name} COMMAND ${checks}/seed_check $<TARGET_FILE:replay_native> ${text} ${corpus}/seeds/${name})
  endforeach()
  rcufarm_corpus_test(index COMMAND ${checks}/index_check ${corpus})
  # Made from the codec's tables.
  set(topics dictionary text-dictionary grammar)
  set(files bytes.dict text.dict text.ebnf)
  foreach(topic file IN ZIP_LISTS topics files)
    rcufarm_corpus_test(${file} COMMAND ${checks}/described_check $<TARGET_FILE:scenario_describe> ${topic}
                        ${corpus}/dictionary/${file})
  endforeach()
endif()

# Statistics and process keeping of the judge of fuzzers.
if(RCUFARM_SANITIZE STREQUAL "none" AND Python3_Interpreter_FOUND)
  add_test(NAME judge_test COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/fuzz/judge/judge_test.py)
  set_tests_properties(judge_test PROPERTIES TIMEOUT 120)
endif()

# What failed once on threads, under each sanitizer: real threads need a few tries. There may be none.
file(GLOB regressions CONFIGURE_DEPENDS ${corpus}/regressions/*.scenario)
foreach(regression IN LISTS regressions)
  cmake_path(GET regression FILENAME name)
  add_test(NAME regressions/${name} COMMAND ${checks}/regression_check $<TARGET_FILE:replay_native> ${regression} 200)
  set_tests_properties(regressions/${name} PROPERTIES TIMEOUT 300)
endforeach()

if(RCUFARM_SIMULATOR AND RCUFARM_ENGINE STREQUAL "none")
  rcufarm_corpus_test(seeds COMMAND corpus_reach ${corpus}/seeds)
  # The oldest form of a finding's bytes is still read, and says what its text says.
  rcufarm_corpus_test(format-1 COMMAND ${checks}/format_check $<TARGET_FILE:rcufarm>
                      ${corpus}/regressions/04-target-cache-read-too-early.finding
                      ${corpus}/regressions/format-1-bytes.finding)
  # What the simulator found: quiet on the allocator as it is, and the same as ever where its defect is planted.
  if(Python3_Interpreter_FOUND)
    set(how --quiet-only)
    if(RCUFARM_DEFECTS)
      set(how "")
    endif()
    file(GLOB findings CONFIGURE_DEPENDS ${corpus}/regressions/*.finding)
    foreach(finding IN LISTS findings)
      cmake_path(GET finding FILENAME name)
      add_test(NAME regressions/${name} COMMAND ${Python3_EXECUTABLE} ${checks}/finding_check.py ${how}
               $<TARGET_FILE:rcufarm> ${finding})
      set_tests_properties(regressions/${name} PROPERTIES TIMEOUT 120)
    endforeach()
  endif()
endif()
