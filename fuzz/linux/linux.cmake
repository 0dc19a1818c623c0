# The kernel's own allocator on the simulated machine, from trees that somebody has. Nothing is built without one.
set(RCUFARM_LINUX_TREES "" CACHE STRING
    "Trees of the Linux kernel, as NAME=/PATH: rcufarm-NAME is built from each one's kernel/bpf/memalloc.c. Names begin with linux")
set(RCUFARM_LINUX_OPTIONS "" CACHE STRING "The kernel's options: CONFIG_PREEMPT_RT=1 and so on")
set(RCUFARM_LINUX_PATCH "" CACHE STRING "The patch that the tree called linux has in it, for findings to name it")
option(RCUFARM_LINUX_DEFECTS "A copy of the tree called linux with each planted defect" OFF)
if(RCUFARM_LINUX_TREES)
  add_subdirectory(linux)
endif()
