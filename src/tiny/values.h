/* Values of the engine at the edge to the system: whatever is not what a call takes throws a TypeError. */
#ifndef VALUES_H
#define VALUES_H

#include <stddef.h>
#include <stdint.h>
#include "quickjs.h"

/* A whole number from `min` to `max`; 0, or -1 with an exception. */
int take_number(JSContext *ctx, JSValueConst value, int64_t min, int64_t max, int64_t *result);

/* A byte string of 1 to `size` - 1 bytes without NUL, as C has it; 0, -1 with an exception, or an errno for one that does not fit. */
int take_text(JSContext *ctx, JSValueConst value, char *into, size_t size);

/* The same in memory of its own, of any length; NULL with an exception. Free it with js_free. */
char *take_long_text(JSContext *ctx, JSValueConst value);

/*
 * What a typed array with elements of this size shows, and its size in bytes; NULL with an exception. It is good until
 * anything else runs in the engine.
 */
void *take_array(JSContext *ctx, JSValueConst value, size_t element_size, size_t *size);

/* A list of `count` byte strings, ended by NULL; NULL with an exception. Free it with free_texts. */
char **take_texts(JSContext *ctx, JSValueConst list, size_t most);
void free_texts(JSContext *ctx, char **texts);

/* How many elements a list has, at most `most`; -1 with an exception. */
int64_t take_count(JSContext *ctx, JSValueConst list, size_t most);

/* A byte string from C's. */
JSValue give_text(JSContext *ctx, const char *text);

#endif
