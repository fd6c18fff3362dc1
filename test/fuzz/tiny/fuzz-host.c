/*
 * Calls the host's functions with whatever the fuzzer makes up: numbers of every kind, texts with any bytes, arrays of the
 * wrong kind, short ones and detached ones, objects whose properties throw.
 */
#include "fake-system.h"
#include "calls.h"

#define RUNS_PER_ENGINE 20000
#define CALLS_PER_RUN 4
#define ARGUMENTS_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static JSRuntime *runtime;
static JSContext *ctx;
static JSValue host;
static int runs;

static CALL(throw_always)
{
  (void)self, (void)count, (void)arguments;
  return JS_ThrowTypeError(ctx, "thrown");
}

static JSValue any_text(size_t most)
{
  char text[600];
  size_t length = fake_byte() % most;
  for (size_t at = 0; at < length; at += 1) text[at] = (char)fake_byte();
  return JS_NewStringLen(ctx, text, length);
}

static JSValue any_array(const char *kind, uint32_t length)
{
  JSValue global = JS_GetGlobalObject(ctx), constructor = JS_GetPropertyStr(ctx, global, kind);
  JSValue argument = JS_NewInt32(ctx, (int32_t)length);
  JSValue array = JS_CallConstructor(ctx, constructor, 1, &argument);
  if (fake_byte() % 16 == 0) {
    JSValue buffer = JS_GetPropertyStr(ctx, array, "buffer");
    JS_DetachArrayBuffer(ctx, buffer);
    JS_FreeValue(ctx, buffer);
  }
  JS_FreeValue(ctx, constructor);
  JS_FreeValue(ctx, global);
  return array;
}

static JSValue any_value(int depth);

static JSValue any_list(int depth)
{
  JSValue list = JS_NewArray(ctx);
  uint32_t length = fake_byte() % 20;
  for (uint32_t index = 0; index < length; index += 1) JS_SetPropertyUint32(ctx, list, index, any_value(depth + 1));
  return list;
}

static JSValue any_value(int depth)
{
  static const double numbers[] = { -1, 0, 1, 2, 3, 0.5, 255, 256, 65535, 65536, 2147483647.0, 2147483648.0, -2147483649.0, 9007199254740992.0, 1e300, -1e300 };
  static const char *const kinds[] = { "Uint8Array", "Int32Array", "Float64Array", "ArrayBuffer" };
  switch (fake_byte() % (depth > 2 ? 8 : 12)) {
  case 0: return JS_UNDEFINED;
  case 1: return JS_NULL;
  case 2: return JS_NewBool(ctx, fake_byte() % 2);
  case 3: return JS_NewFloat64(ctx, numbers[fake_byte() % COUNT(numbers)]);
  case 4: return JS_NewInt32(ctx, fake_byte() % 12);
  case 5: return JS_NewFloat64(ctx, fake_byte() % 2 ? 0.0 / 0.0 : 1.0 / 0.0);
  case 6: return any_text(20);
  case 7: return any_text(fake_byte() % 8 == 0 ? 600 : 60);
  case 8: return any_array(kinds[fake_byte() % COUNT(kinds)], fake_byte() % 20);
  case 9: return any_list(depth);
  case 10: return JS_NewCFunction(ctx, throw_always, "throwAlways", 0);
  default: {
    JSValue object = JS_NewObject(ctx), thrower = JS_NewCFunction(ctx, throw_always, "throwAlways", 0);
    JSAtom length = JS_NewAtom(ctx, "length");
    JS_DefinePropertyGetSet(ctx, object, length, thrower, JS_UNDEFINED, JS_PROP_CONFIGURABLE);
    JS_FreeAtom(ctx, length);
    return object;
  }
  }
}

/* What each function of the list is meant to get, so that most calls go beyond their first check. */
static JSValue likely(const char *name, int argument)
{
  if (argument == 0 && strstr("open rename unlink makeDirectory setMode list freeBytes status socket variable", name)) return any_text(40);
  if (argument == 0) return strcmp(name, "random") == 0 ? any_array("Uint8Array", fake_byte()) : JS_NewInt32(ctx, fake_byte() % 12);
  if (argument == 1 && (strcmp(name, "read") == 0 || strcmp(name, "write") == 0)) return any_array("Uint8Array", fake_byte());
  if (argument == 2 && strcmp(name, "status") == 0) return any_array("Float64Array", 8 + fake_byte() % 8);
  if (argument == 2) return JS_NewInt32(ctx, fake_byte() - 1);
  return JS_NewInt32(ctx, fake_byte() % 8);
}

static void call_one(const JSCFunctionListEntry *entry)
{
  JSValue arguments[ARGUMENTS_MAX], function = JS_GetPropertyStr(ctx, host, entry->name);
  uint8_t how = fake_byte();
  for (int index = 0; index < ARGUMENTS_MAX; index += 1)
    arguments[index] = how >> index & 1 ? any_value(0) : likely(entry->name, index);
  JSValue result = JS_Call(ctx, function, host, fake_byte() % (ARGUMENTS_MAX + 1), arguments);
  if (JS_IsException(result)) JS_FreeValue(ctx, JS_GetException(ctx));
  JS_FreeValue(ctx, result);
  for (int index = 0; index < ARGUMENTS_MAX; index += 1) JS_FreeValue(ctx, arguments[index]);
  JS_FreeValue(ctx, function);
}

static void begin_engine(void)
{
  if (runtime != NULL) {
    JS_FreeValue(ctx, host);
    JS_FreeContext(ctx);
    JS_FreeRuntime(runtime);
  }
  runtime = JS_NewRuntime();
  ctx = JS_NewContextRaw(runtime);
  JS_AddIntrinsicBaseObjects(ctx);
  JS_AddIntrinsicTypedArrays(ctx);
  host = JS_NewObject(ctx);
  JS_SetPropertyFunctionList(ctx, host, file_calls, file_calls_count);
  JS_SetPropertyFunctionList(ctx, host, network_calls, network_calls_count);
  JS_SetPropertyFunctionList(ctx, host, process_calls, process_calls_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  if (runs++ % RUNS_PER_ENGINE == 0) begin_engine();
  fake_begin(bytes, size);
  int many = 1 + fake_byte() % CALLS_PER_RUN;
  for (int call = 0; call < many; call += 1) {
    int index = fake_byte() % (file_calls_count + network_calls_count + process_calls_count);
    if (index < file_calls_count) call_one(&file_calls[index]);
    else if ((index -= file_calls_count) < network_calls_count) call_one(&network_calls[index]);
    else call_one(&process_calls[index - network_calls_count]);
  }
  return 0;
}
