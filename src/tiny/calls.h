/* The system calls that the program may make, as functions of the engine (host.ts says what each answers). */
#ifndef CALLS_H
#define CALLS_H

#include <errno.h>
#include "values.h"

#define CALL(name) \
  JSValue name(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments)

/* What a call answers: its result, or -errno. */
static inline JSValue answer(JSContext *ctx, int64_t result)
{
  return JS_NewInt64(ctx, result < 0 ? -(int64_t)errno : result);
}

/* For the answer of take_text that is not 0. */
static inline JSValue problem_with_text(JSContext *ctx, int problem)
{
  return problem < 0 ? JS_EXCEPTION : JS_NewInt32(ctx, -problem);
}

extern const JSCFunctionListEntry file_calls[], network_calls[], process_calls[];
extern const int file_calls_count, network_calls_count, process_calls_count;

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

#endif
