/*
 * Small pieces of memory for the engine, which asks for many: each page of the pool holds pieces of one size, and what is
 * given back waits in a list for the next of its size. What is larger, or does not fit any more, is the C library's.
 *
 * The linker leads the engine's calls here (--wrap). There is one thread.
 */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
size_t __real_malloc_usable_size(void *memory);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);
size_t __wrap_malloc_usable_size(void *memory);

#define PAGE 4096
#define PAGES 512
#define STEP 16
#define SMALL_MAX 1024

/* What every run uses. */
#define PAGES_AT_ONCE 72

/* Linux has it since 5.14, and not every C library knows its number. */
#if defined(__linux__) && !defined(MADV_POPULATE_WRITE)
#define MADV_POPULATE_WRITE 23
#endif

struct piece {
  struct piece *next;
};

/* Pages that were never used take no memory. */
static _Alignas(PAGE) unsigned char pool[PAGES * PAGE];

/* The size of the pieces of each page, in steps. */
static unsigned char steps_of_page[PAGES];

static unsigned int pages_used;

/* What was given back, and what was never given out of the last page of each size. */
static struct piece *waiting[SMALL_MAX / STEP + 1];
static unsigned char *fresh[SMALL_MAX / STEP + 1], *fresh_end[SMALL_MAX / STEP + 1];

/* One call is cheaper than so many faults. A kernel that does not know it lets them come one by one. */
void take_memory_at_once(void)
{
#ifdef MADV_POPULATE_WRITE
  (void)madvise(pool, PAGES_AT_ONCE * PAGE, MADV_POPULATE_WRITE);
#endif
}

static size_t offset_of(const void *memory)
{
  return (size_t)((uintptr_t)memory - (uintptr_t)pool);
}

static int is_ours(const void *memory)
{
  return offset_of(memory) < sizeof pool;
}

static size_t steps_at(const void *memory)
{
  return steps_of_page[offset_of(memory) / PAGE];
}

static void *take(size_t steps)
{
  struct piece *piece = waiting[steps];
  if (piece != NULL) {
    waiting[steps] = piece->next;
    return piece;
  }
  if (fresh[steps] == fresh_end[steps]) {
    if (pages_used == PAGES) return NULL;
    steps_of_page[pages_used] = (unsigned char)steps;
    fresh[steps] = pool + (size_t)pages_used * PAGE;
    fresh_end[steps] = fresh[steps] + PAGE / (steps * STEP) * (steps * STEP);
    pages_used += 1;
  }
  unsigned char *memory = fresh[steps];
  fresh[steps] += steps * STEP;
  return memory;
}

void *__wrap_malloc(size_t size)
{
  void *memory = size > SMALL_MAX ? NULL : take(size == 0 ? 1 : (size + STEP - 1) / STEP);
  return memory != NULL ? memory : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
  size_t whole;
  if (__builtin_mul_overflow(count, size, &whole) || whole > SMALL_MAX) return __real_calloc(count, size);
  void *memory = __wrap_malloc(whole);
  return memory == NULL ? NULL : memset(memory, 0, whole);
}

void __wrap_free(void *memory)
{
  if (memory == NULL) return;
  if (!is_ours(memory)) {
    __real_free(memory);
    return;
  }
  size_t steps = steps_at(memory);
  struct piece *piece = memory;
  piece->next = waiting[steps];
  waiting[steps] = piece;
}

void *__wrap_realloc(void *memory, size_t size)
{
  if (memory == NULL) return __wrap_malloc(size);
  if (!is_ours(memory)) return __real_realloc(memory, size);
  size_t has = steps_at(memory) * STEP;
  if (size <= has && size + STEP > has) return memory;
  void *moved = __wrap_malloc(size);
  if (moved == NULL) return NULL;
  memcpy(moved, memory, has < size ? has : size);
  __wrap_free(memory);
  return moved;
}

size_t __wrap_malloc_usable_size(void *memory)
{
  return memory != NULL && is_ours(memory) ? steps_at(memory) * STEP : __real_malloc_usable_size(memory);
}
