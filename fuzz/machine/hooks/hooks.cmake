# What code with types of its own needs beside foreign.h, as targets that exist where somebody includes this file.
#
# rcufarm_places: from an instruction to function and line, and fields of structs (libdw).
# rcufarm_hooks: what compilers and libraries are to code under test that was instrumented for ThreadSanitizer.
include_guard(GLOBAL)
find_package(PkgConfig QUIET)
pkg_check_modules(LIBDW QUIET IMPORTED_TARGET GLOBAL libdw)
if(NOT LIBDW_FOUND)
  message(FATAL_ERROR "Code from elsewhere needs libdw (Debian: libdw-dev); `./farm setup` installs it.")
endif()
set(hooks ${CMAKE_CURRENT_LIST_DIR})

add_library(rcufarm_places STATIC ${hooks}/debug_info.cpp ${hooks}/places.cpp)
set_target_properties(rcufarm_places PROPERTIES UNITY_BUILD OFF)
target_compile_options(rcufarm_places PRIVATE -O2 -fno-sanitize=all)
target_link_libraries(rcufarm_places PUBLIC rcufarm_sim PRIVATE PkgConfig::LIBDW rcufarm_options)
rcufarm_hide_from_engine(rcufarm_places)

add_library(rcufarm_hooks STATIC
  ${hooks}/code_under_test.cpp ${hooks}/counter.cpp ${hooks}/exception_calls.cpp ${hooks}/heap.cpp ${hooks}/libc_calls.cpp ${hooks}/lock_calls.cpp ${hooks}/thread_calls.cpp
  ${hooks}/tsan_calls.cpp ${hooks}/urcu_calls.cpp)
set_target_properties(rcufarm_hooks PROPERTIES UNITY_BUILD OFF)
target_include_directories(rcufarm_hooks PRIVATE ${hooks}/port)
target_compile_options(rcufarm_hooks PRIVATE -O2 -fno-sanitize=all ${RCUFARM_OWN_CALLS})
target_link_libraries(rcufarm_hooks PUBLIC rcufarm_places PRIVATE rcufarm_options)
rcufarm_hide_from_engine(rcufarm_hooks)

rcufarm_add_test(hooks_test LIBRARIES rcufarm_hooks rcufarm_sim SOURCES ${hooks}/hooks_test.cpp)

# rcufarm_add_hooked_alloc(<target> <dir>) builds <dir>/mem, from alloc/ or from a patched copy of it, as code from elsewhere is built: on
# words and lists of plain memory, with each access announced.
set(RCUFARM_HOOKS_DIR ${hooks} CACHE INTERNAL "")
function(rcufarm_announce_accesses target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  # Places are return addresses, so no call may be a jump.
  target_compile_options(${target} PRIVATE -O2 -g -fsanitize=thread -fno-optimize-sibling-calls -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(${target} PRIVATE "SHELL:-mllvm -tsan-distinguish-volatile=1" "SHELL:-mllvm -tsan-instrument-func-entry-exit=0"
                           "SHELL:-mllvm -tsan-instrument-read-before-write=1")
  else()
    target_compile_options(${target} PRIVATE "SHELL:--param tsan-distinguish-volatile=1" "SHELL:--param tsan-instrument-func-entry-exit=0")
  endif()
endfunction()

function(rcufarm_add_hooked_alloc target dir)
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/mem/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  add_library(${target} STATIC ${sources})
  # Before all others: this port, and a patched copy's headers.
  target_include_directories(${target} BEFORE PUBLIC ${RCUFARM_HOOKS_DIR}/port ${dir})
  target_link_libraries(${target} PUBLIC rcufarm_hooks PRIVATE rcufarm_options)
  rcufarm_announce_accesses(${target})
  rcufarm_keep_statics(${target})
endfunction()
