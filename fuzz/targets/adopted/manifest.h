/* What a manifest says, as adopt.py writes it into the program of an adopted allocator. */
#ifndef RCUFARM_ADOPTED_MANIFEST_H
#define RCUFARM_ADOPTED_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rcufarm_manifest {
  const char* name;
  const size_t* sizes; /* of objects that are asked for */
  size_t sizes_count;
  size_t link_bytes;
  const char* model; /* beside sc */
  bool serves_while_memory;
  bool accuses_races;
  bool volatile_is_atomic;
  bool plain_is_atomic;
  bool has_fences;
  bool starts_threads;
  bool memory_fails;
  bool defers_in_sections;
};
extern const struct rcufarm_manifest rcufarm_manifest;

#ifdef __cplusplus
}
#endif

#endif
