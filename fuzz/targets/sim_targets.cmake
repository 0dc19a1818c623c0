# Programs around the simulated harness.
if(NOT RCUFARM_ENGINE STREQUAL "none")
  add_library(rcufarm_sim_feedback OBJECT feedback_${RCUFARM_ENGINE}.cpp)
  target_link_libraries(rcufarm_sim_feedback PRIVATE rcufarm_options)
  target_include_directories(rcufarm_sim_feedback PRIVATE ..)
  # AFL++ puts names of its own into what it instruments, and one of them is used there.
  rcufarm_hide_from_engine(rcufarm_sim_feedback)
endif()

# rcufarm_add_sim_fuzzer(<name> <sim_harness> [<mutator>]): the fuzz target, in a build with an engine.
function(rcufarm_add_sim_fuzzer name harness)
  add_executable(${name} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/fuzz_sim.cpp)
  target_link_libraries(${name} PRIVATE ${harness} rcufarm_sim_feedback rcufarm_shown_input rcufarm_sanitizer_defaults
                                        ${ARGN})
  rcufarm_link_fuzz_engine(${name})
endfunction()

# AFL++ loads its mutator as a library.
set(RCUFARM_SIM_MUTATOR "")
if(RCUFARM_ENGINE STREQUAL "libfuzzer")
  set(RCUFARM_SIM_MUTATOR rcufarm_libfuzzer_sim_mutator)
endif()

# rcufarm_add_sim_targets(<suffix> <sim_harness>): replay_sim<suffix>, and fuzz_sim<suffix> where the build has an engine.
function(rcufarm_add_sim_targets suffix harness)
  if(PROJECT_IS_TOP_LEVEL)
    add_executable(replay_sim${suffix} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/replay_sim.cpp ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/input_file.cpp)
    target_link_libraries(replay_sim${suffix} PRIVATE ${harness} rcufarm_sanitizer_defaults rcufarm_command_line)
  endif()
  if(NOT RCUFARM_ENGINE STREQUAL "none")
    rcufarm_add_sim_fuzzer(fuzz_sim${suffix} ${harness} ${RCUFARM_SIM_MUTATOR})
  endif()
endfunction()

rcufarm_add_sim_targets("" rcufarm_sim_harness)

if(PROJECT_IS_TOP_LEVEL)
  # Not part of all: cmake --build … --target input_speed
  add_executable(input_speed EXCLUDE_FROM_ALL input_speed.cpp input_file.cpp)
  target_link_libraries(input_speed PRIVATE rcufarm_sim_harness CLI11::CLI11)
  if(RCUFARM_ENGINE STREQUAL "none")
    add_executable(corpus_reach corpus_reach.cpp input_file.cpp)
    target_link_libraries(corpus_reach PRIVATE rcufarm_sim_harness rcufarm_options rcufarm_command_line)
  endif()
endif()

# For whoever measures engines (fuzz/judge): planted defects, and for libFuzzer each target without our mutator, too.
if(RCUFARM_DEFECTS AND NOT RCUFARM_ENGINE STREQUAL "none")
  add_custom_target(rcufarm-fuzz-defects DEPENDS fuzz_sim)
  function(rcufarm_add_blind_fuzzer suffix harness)
    if(RCUFARM_ENGINE STREQUAL "libfuzzer")
      rcufarm_add_sim_fuzzer(fuzz_sim-blind${suffix} ${harness})
      add_dependencies(rcufarm-fuzz-defects fuzz_sim-blind${suffix})
    endif()
  endfunction()
  rcufarm_add_blind_fuzzer("" rcufarm_sim_harness)
  file(GLOB patches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/corpus/defects/*.patch)
  foreach(patch IN LISTS patches)
    cmake_path(GET patch STEM name)
    string(REGEX MATCH "^[0-9]+" number ${name})
    rcufarm_planted(${patch} harness)
    rcufarm_add_sim_targets(-defect-${number} ${harness})
    rcufarm_add_blind_fuzzer(-defect-${number} ${harness})
    add_dependencies(rcufarm-fuzz-defects fuzz_sim-defect-${number})
  endforeach()
endif()

# A planted defect found by libFuzzer, from nothing, and replayed. In each build by clang, which has that engine, with a
# sanitizer, whose run time the replay needs: this program and its allocator alone are instrumented for it.
if(RCUFARM_TESTS AND RCUFARM_ENGINE STREQUAL "none" AND CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND
   NOT RCUFARM_SANITIZE STREQUAL "none")
  file(GLOB patch ${PROJECT_SOURCE_DIR}/corpus/defects/01-*.patch)
  rcufarm_patched_copy(sim_fuzzed ${patch} copy)
  rcufarm_add_sim_alloc(sim_fuzzed_alloc ${copy})
  target_compile_options(sim_fuzzed_alloc PRIVATE -fsanitize=fuzzer-no-link)
  rcufarm_add_sim_harness(sim_fuzzed_harness sim_fuzzed_alloc)
  rcufarm_add_sim_targets(_defect sim_fuzzed_harness)
  add_executable(fuzz_sim_defect fuzz_sim.cpp feedback_libfuzzer.cpp shown_input.cpp)
  target_link_libraries(fuzz_sim_defect PRIVATE sim_fuzzed_harness rcufarm_sanitizer_defaults
                                                rcufarm_libfuzzer_sim_mutator)
  target_link_options(fuzz_sim_defect PRIVATE -fsanitize=fuzzer)
  add_test(NAME fuzz_sim/defect COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_sim_check $<TARGET_FILE:fuzz_sim_defect>
           $<TARGET_FILE:replay_sim_defect>)
  set_tests_properties(fuzz_sim/defect PROPERTIES TIMEOUT 300)
endif()
