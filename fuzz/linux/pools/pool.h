// A pool of the kernel: so many objects, made once, that its users take and put back. Between a page of C for each kernel file and
// the adapter, which is one for all.
//
// Contract of a page: make() and fini() run in a task; pop() and push() in every context that the file's own contract allows, and
// irqs_disabled() says the caller's. An element is the pool's: what its user may write begins `user_offset` bytes into it. The page
// tells the adapter of each element before anybody can take it, and of the moment when the last one's memory is to go.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Memory of a pool's own, for diagrams: what `function` allocates is called `name`, and has the fields of `type` ("": none).
struct rcufarm_named {
  const char* function;
  const char* name;
  const char* type;
  bool each_cpu;  // one for each CPU: the name gets its number
};

struct rcufarm_pool {
  const char* file;        // of the kernel
  const void* code;        // some function of it
  const char* cache_type;  // the struct that it has for each CPU by alloc_percpu(); "": none
  struct rcufarm_named named[4];
  const char *make_name, *pop_name, *push_name, *fini_name, *drop_name;  // in diagrams
  size_t user_offset;
  bool nmi;                             // may pop() and push() come in an nmi?
  void* (*make)(unsigned int objects);  // null: no memory
  void* (*pop)(void* pool);
  void (*push)(void* pool, void* element);
  // Gives up an element that a user still had when fini() began. Null: none may be left by then.
  void (*drop)(void* pool, void* element);
  void (*fini)(void* pool);
};

struct rcufarm_pool rcufarm_linked_pool(void);

// The adapter's, called by a page. Gives a new element its user's memory: 0, or -ENOMEM.
int rcufarm_pool_element(void* pool, void* element);
// The user has got this element for the last time: its memory goes.
void rcufarm_pool_element_ends(void* pool, void* element);
// That of all elements that are left.
void rcufarm_pool_ends(void* pool);
