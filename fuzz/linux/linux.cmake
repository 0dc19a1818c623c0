# The kernel's own allocator on the simulated machine, from trees that somebody has. Without one only the tests' build makes what
# depends on none of them, so that a change of the simulator does not break it unseen.
set(RCUFARM_LINUX_TREES "" CACHE STRING
    "Trees of the Linux kernel, as NAME=/PATH: rcufarm-NAME is built from each one's kernel/bpf/memalloc.c. Names begin with linux")
set(RCUFARM_LINUX_OPTIONS "" CACHE STRING "The kernel's options: CONFIG_PREEMPT_RT=1 and so on")
set(RCUFARM_LINUX_PATCH "" CACHE STRING "The patch that the tree called linux has in it, for findings to name it")
option(RCUFARM_LINUX_DEFECTS "A copy of the tree called linux with each planted defect" OFF)
set(tested OFF)
if(RCUFARM_TESTS AND PROJECT_IS_TOP_LEVEL AND RCUFARM_SIMULATOR AND RCUFARM_ENGINE STREQUAL "none" AND RCUFARM_SANITIZE STREQUAL "none")
  set(tested ON)
endif()
if(RCUFARM_LINUX_TREES OR tested)
  add_subdirectory(linux)
endif()

# What prepares a tree for the build: neither a kernel nor a simulator is needed.
find_package(Python3 COMPONENTS Interpreter)
if(RCUFARM_TESTS AND PROJECT_IS_TOP_LEVEL AND RCUFARM_SANITIZE STREQUAL "none" AND Python3_Interpreter_FOUND)
  foreach(script IN ITEMS missing options review rules series verdict)
    add_test(NAME linux_${script}_test COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/${script}_test.py)
    set_tests_properties(linux_${script}_test PROPERTIES TIMEOUT 300)
  endforeach()
endif()
