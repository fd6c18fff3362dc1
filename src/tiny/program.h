/* The program as bytecode: the module that runs first, and those that it imports or asks for. Made by the build. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stddef.h>
#include <stdint.h>

struct program_part {
  const char *name;
  const uint8_t *bytes;
  size_t size;
};

extern const struct program_part program_parts[];
extern const int program_parts_count;

#endif
