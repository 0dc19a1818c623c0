# Patched copies of the allocator.
#
# rcufarm_patched_copy(<name> <patches> <variable>): a copy of alloc/ with one patch, or a list of them one after the other, applied;
# its folder goes into the variable.
# rcufarm_patched_alloc(<target> <patch>): the libraries of rcufarm_add_alloc(), built from such a copy.
#
# The copy is made when CMake runs, which it does again when the patch or a source changes. A patch that does
# not apply is an error: it was left behind by a change of the allocator.

find_program(RCUFARM_PATCH_PROGRAM patch)

function(rcufarm_patched_copy name patches variable)
  if(NOT RCUFARM_PATCH_PROGRAM)
    message(FATAL_ERROR "The program `patch` is missing (Debian: patch).")
  endif()
  set(copy ${CMAKE_BINARY_DIR}/patched/${name})
  set(source ${PROJECT_SOURCE_DIR}/alloc)
  file(REMOVE_RECURSE ${copy}.new)
  file(MAKE_DIRECTORY ${copy}.new)
  file(COPY ${source} DESTINATION ${copy}.new PATTERN "bench" EXCLUDE)
  foreach(patch IN LISTS patches)
    execute_process(COMMAND ${RCUFARM_PATCH_PROGRAM} -p1 --batch --fuzz=0 --no-backup-if-mismatch -i ${patch}
                    WORKING_DIRECTORY ${copy}.new OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "${patch} does not apply to alloc/:\n${said}")
    endif()
  endforeach()
  # Only what differs is written, so that only what differs is built again.
  file(GLOB_RECURSE files RELATIVE ${copy}.new ${copy}.new/*)
  foreach(file IN LISTS files)
    configure_file(${copy}.new/${file} ${copy}/${file} COPYONLY)
  endforeach()
  file(REMOVE_RECURSE ${copy}.new)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${source}/*.cpp ${source}/*.h)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${patches} ${sources})
  set(${variable} ${copy}/alloc PARENT_SCOPE)
endfunction()

function(rcufarm_patched_alloc target patch)
  rcufarm_patched_copy(${target} ${patch} copy)
  rcufarm_add_alloc(${target} ${copy})
endfunction()
