/*
 * The native satellite: the engine with what the program needs of the language, the calls to the system, and the program
 * as bytecode (program.h). There is no parser in it, and nothing of the environment is read unless the program asks.
 */
#include "calls.h"
#include "memory.h"
#include "program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a program exits with that could not be run to its end: try again later. */
#define EXIT_BUG 111

#define PART_NAME_MAX 64

/* Circles are looked for when so much is in use; most runs end before. */
#define COLLECT_BYTES (1024 * 1024)

/* The engine's own stack; the kernel gives 8 MB. */
#define STACK_BYTES (512 * 1024)

static void complain(const char *text)
{
  (void)!write(2, text, strlen(text));
}

static int fail(JSContext *ctx)
{
  JSValue error = JS_GetException(ctx);
  const char *text = JS_ToCString(ctx, error);
  complain("mini-qmail: fatal: ");
  complain(text == NULL ? "no memory" : text);
  complain("\n");
  return EXIT_BUG;
}

/* A file that is opened must not become what others write complaints to. */
static void open_standard_descriptors(void)
{
  for (int descriptor = 0; descriptor < 3; descriptor += 1)
    if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) _exit(EXIT_BUG);
}

static const struct program_part *find_part(const char *name)
{
  for (int index = 0; index < program_parts_count; index += 1)
    if (strcmp(program_parts[index].name, name) == 0) return &program_parts[index];
  return NULL;
}

static JSValue read_part(JSContext *ctx, const char *name)
{
  const struct program_part *part = find_part(name);
  if (part == NULL) return JS_ThrowReferenceError(ctx, "no part %s", name);
  return JS_ReadObject(ctx, part->bytes, part->size, JS_READ_OBJ_BYTECODE);
}

/* For a module that another one imports. The engine keeps it. */
static JSModuleDef *load_module(JSContext *ctx, const char *name, void *unused)
{
  (void)unused;
  JSValue module = read_part(ctx, name);
  if (JS_IsException(module)) return NULL;
  JSModuleDef *definition = JS_VALUE_GET_PTR(module);
  JS_FreeValue(ctx, module);
  return definition;
}

static int run_part(JSContext *ctx, const char *name)
{
  JSValue module = read_part(ctx, name);
  if (JS_IsException(module)) return -1;
  if (JS_ResolveModule(ctx, module) < 0) {
    JS_FreeValue(ctx, module);
    return -1;
  }
  JSValue result = JS_EvalFunction(ctx, module);
  int failed = JS_IsException(result);
  JS_FreeValue(ctx, result);
  return failed ? -1 : 0;
}

/* A part of the program by its name: what it has put into the host's `parts`. */
static CALL(call_load)
{
  (void)count;
  char name[PART_NAME_MAX];
  int problem = take_text(ctx, arguments[0], name, sizeof name);
  if (problem < 0) return JS_EXCEPTION;
  if (problem > 0) return JS_ThrowTypeError(ctx, "not the name of a part");
  JSValue parts = JS_GetPropertyStr(ctx, self, "parts"), part = JS_GetPropertyStr(ctx, parts, name);
  if (JS_IsUndefined(part)) part = run_part(ctx, name) < 0 ? JS_EXCEPTION : JS_GetPropertyStr(ctx, parts, name);
  JS_FreeValue(ctx, parts);
  return part;
}

static const JSCFunctionListEntry host_calls[] = { JS_CFUNC_DEF("load", 1, call_load) };

/* What the engine shall know of the language. */
static JSContext *new_context(JSRuntime *runtime)
{
  JSContext *ctx = JS_NewContextRaw(runtime);
  if (ctx == NULL) return NULL;
  JS_AddIntrinsicBaseObjects(ctx);
  JS_AddIntrinsicDate(ctx);
  JS_AddIntrinsicRegExp(ctx);
  JS_AddIntrinsicJSON(ctx);
  JS_AddIntrinsicMapSet(ctx);
  JS_AddIntrinsicTypedArrays(ctx);
  JS_AddIntrinsicPromise(ctx);
  return ctx;
}

static JSValue give_arguments(JSContext *ctx, int count, char **words)
{
  JSValue list = JS_NewArray(ctx);
  for (int index = 0; index < count; index += 1)
    JS_SetPropertyUint32(ctx, list, (uint32_t)index, give_text(ctx, words[index]));
  return list;
}

static void give_host(JSContext *ctx, int count, char **words)
{
  JSValue global = JS_GetGlobalObject(ctx), host = JS_NewObject(ctx);
  JS_SetPropertyFunctionList(ctx, host, file_calls, file_calls_count);
  JS_SetPropertyFunctionList(ctx, host, network_calls, network_calls_count);
  JS_SetPropertyFunctionList(ctx, host, process_calls, process_calls_count);
  JS_SetPropertyFunctionList(ctx, host, host_calls, COUNT(host_calls));
  JS_SetPropertyStr(ctx, host, "parts", JS_NewObject(ctx));
  JS_SetPropertyStr(ctx, host, "arguments", give_arguments(ctx, count, words));
  JS_SetPropertyStr(ctx, host, "pid", JS_NewInt64(ctx, getpid()));
  JS_SetPropertyStr(ctx, host, "uid", JS_NewInt64(ctx, getuid()));
  JS_SetPropertyStr(ctx, global, "host", host);
  JS_FreeValue(ctx, global);
}

/* The program ends by a call of exit. */
int main(int count, char **words)
{
  take_memory_at_once();
  open_standard_descriptors();
  signal(SIGPIPE, SIG_IGN);
  JSRuntime *runtime = JS_NewRuntime();
  JSContext *ctx = runtime == NULL ? NULL : new_context(runtime);
  if (ctx == NULL) {
    complain("mini-qmail: fatal: no memory\n");
    return EXIT_BUG;
  }
  JS_SetMaxStackSize(runtime, STACK_BYTES);
  JS_SetGCThreshold(runtime, COLLECT_BYTES);
  JS_SetModuleLoaderFunc(runtime, NULL, load_module, NULL);
  give_host(ctx, count, words);
  if (run_part(ctx, program_parts[0].name) < 0) return fail(ctx);
  for (;;) {
    JSContext *at;
    int done = JS_ExecutePendingJob(runtime, &at);
    if (done < 0) return fail(at);
    if (done == 0) break;
  }
  complain("mini-qmail: fatal: the program waits for what cannot happen\n");
  return EXIT_BUG;
}
