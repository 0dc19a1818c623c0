# alloc/mem compiled through the hooks, beside what it is on the simulated port: rcufarm-hooked, and rcufarm-hooked-NN with each planted
# defect. Nothing is built unless somebody asks for it (fuzz/targets/ADOPT.md).
option(RCUFARM_HOOKED "Build alloc/mem through the hooks as well, and with each planted defect: rcufarm-hooked, rcufarm-hooked-NN" OFF)
if(NOT RCUFARM_HOOKED OR NOT RCUFARM_ENGINE STREQUAL "none" OR NOT RCUFARM_SANITIZE STREQUAL "none" OR NOT RCUFARM_SIMULATOR OR NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
include(${RCUFARM_SIM_DIR}/hooks/hooks.cmake)
set(hooked ${CMAKE_CURRENT_LIST_DIR}/hooked)

# rcufarm_add_hooked(<suffix> <dir>): the harness over one copy of alloc/, and the command with it.
function(rcufarm_add_hooked suffix dir)
  rcufarm_add_hooked_alloc(rcufarm_hooked_alloc${suffix} ${dir})
  add_library(rcufarm_hooked_harness${suffix} STATIC ${hooked}/adapter.cpp)
  rcufarm_announce_accesses(rcufarm_hooked_harness${suffix})
  target_link_libraries(rcufarm_hooked_harness${suffix} PUBLIC rcufarm_hooked_alloc${suffix} rcufarm_sim_harness_core PRIVATE rcufarm_options)
  rcufarm_add_cli(-hooked${suffix} rcufarm_hooked_harness${suffix} ALLOC ${dir})
endfunction()

rcufarm_add_hooked("" ${PROJECT_SOURCE_DIR}/alloc)

# What comes of scenarios, on either port.
add_executable(outcomes ${hooked}/outcomes.cpp)
target_link_libraries(outcomes PRIVATE rcufarm_sim_harness rcufarm_options)
add_executable(outcomes-hooked ${hooked}/outcomes.cpp)
target_link_libraries(outcomes-hooked PRIVATE rcufarm_hooked_harness rcufarm_options)

add_custom_target(rcufarm-hooked-defects DEPENDS rcufarm-hooked)
file(GLOB patches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/corpus/defects/*.patch)
foreach(patch IN LISTS patches)
  cmake_path(GET patch STEM name)
  string(REGEX MATCH "^[0-9]+" number ${name})
  rcufarm_patched_copy(hooked_${name} ${patch} copy)
  rcufarm_add_hooked(-${number} ${copy})
  add_dependencies(rcufarm-hooked-defects rcufarm-hooked-${number})
endforeach()
