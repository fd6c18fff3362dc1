/* Small pieces of memory for the engine (memory.c). */
#ifndef MEMORY_H
#define MEMORY_H

/* Gets from the kernel what every run will use. */
void take_memory_at_once(void);

#endif
