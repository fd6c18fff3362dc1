/*
 * Runs the programs themselves in a world that the fuzzer makes up: what their files, their input, their variables, hubs and
 * name servers say, and which calls fail. The bytes begin with which program it is.
 */
#include "fake-system.h"
#include "calls.h"
#include "program.h"

#define RUNS_PER_ENGINE 200
#define JOBS_MAX 200000

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static JSRuntime *runtime;
static JSContext *ctx;
static int runs;

void take_memory_at_once(void)
{
}

/* host.c, without its main. */
#define main host_main
#include "host.c"
#undef main

static void begin_engine(void)
{
  static char *words[] = { "mini-qmail-tiny", NULL };
  if (runtime != NULL) {
    JS_FreeContext(ctx);
    JS_FreeRuntime(runtime);
  }
  runtime = JS_NewRuntime();
  ctx = new_context(runtime);
  JS_SetMaxStackSize(runtime, 0);
  JS_SetModuleLoaderFunc(runtime, NULL, load_module, NULL);
  fake_begin(NULL, 0);
  give_host(ctx, 1, words);
  if (run_part(ctx, program_parts[0].name) < 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  if (runs++ % RUNS_PER_ENGINE == 0) begin_engine();
  fake_begin(bytes, size);
  JSValue global = JS_GetGlobalObject(ctx), run = JS_GetPropertyStr(ctx, global, "runProgram");
  JSValue which = JS_NewInt32(ctx, fake_byte());
  char word[64];
  size_t length = fake_byte() % sizeof word;
  for (size_t at = 0; at < length; at += 1) word[at] = (char)(fake_byte() & 0x7f);
  JSValue arguments[] = { which, JS_NewStringLen(ctx, word, length) };
  JSValue result = JS_Call(ctx, run, JS_UNDEFINED, 2, arguments);
  if (JS_IsException(result)) abort();
  JSContext *at;
  for (int jobs = 0; jobs < JOBS_MAX; jobs += 1) {
    int done = JS_ExecutePendingJob(runtime, &at);
    if (done < 0) JS_FreeValue(ctx, JS_GetException(at));
    if (done == 0) break;
  }
  /* Every program ends, with an exit code. */
  JSValue ended = JS_GetPropertyStr(ctx, global, "ended");
  if (JS_ToBool(ctx, ended) != 1) abort();
  JS_FreeValue(ctx, ended);
  JS_FreeValue(ctx, result);
  JS_FreeValue(ctx, arguments[1]);
  JS_FreeValue(ctx, run);
  JS_FreeValue(ctx, global);
  return 0;
}
