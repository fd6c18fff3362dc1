/*
 * Makes program.c: the bytecode of modules, as C, on the machine that builds. `tiny-bytecode FILE ... >program.c`; the first
 * file is what runs first. A module's name is that of its file without directories. The order of bytes is that of this
 * machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "quickjs.h"

#define COLUMNS 20

static void die(const char *what, const char *on)
{
  fprintf(stderr, "tiny-bytecode: %s: %s\n", on, what);
  exit(1);
}

static char *read_whole(const char *path, size_t *size)
{
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) < 0) die("cannot be read", path);
  long length = ftell(file);
  if (length < 0) die("cannot be read", path);
  char *text = malloc((size_t)length + 1);
  rewind(file);
  if (text == NULL || fread(text, 1, (size_t)length, file) != (size_t)length) die("cannot be read", path);
  fclose(file);
  text[length] = 0;
  *size = (size_t)length;
  return text;
}

/* Without names of files and numbers of lines, in the way of each engine. */
static int strip(JSRuntime *runtime, int *eval_flags)
{
  int write_flags = JS_WRITE_OBJ_BYTECODE;
  (void)runtime, (void)eval_flags;
#ifdef JS_EVAL_FLAG_STRIP
  *eval_flags |= JS_EVAL_FLAG_STRIP;
#endif
#ifdef JS_STRIP_DEBUG
  JS_SetStripInfo(runtime, JS_STRIP_DEBUG);
#endif
#ifdef JS_WRITE_OBJ_STRIP_DEBUG
  write_flags |= JS_WRITE_OBJ_STRIP_SOURCE | JS_WRITE_OBJ_STRIP_DEBUG;
#endif
  return write_flags;
}

/* What a module imports is compiled by itself. */
static JSModuleDef *name_module(JSContext *ctx, const char *name, void *unused)
{
  (void)unused;
  return JS_NewCModule(ctx, name, NULL);
}

static const char *name_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static void write_part(JSRuntime *runtime, JSContext *ctx, int number, const char *path)
{
  size_t length, size;
  char *text = read_whole(path, &length);
  int eval_flags = JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY;
  int write_flags = strip(runtime, &eval_flags);
  JSValue code = JS_Eval(ctx, text, length, name_of(path), eval_flags);
  if (JS_IsException(code)) {
    JSValue error = JS_GetException(ctx);
    const char *reason = JS_ToCString(ctx, error);
    die(reason == NULL ? "no memory" : reason, path);
  }
  uint8_t *bytes = JS_WriteObject(ctx, &size, code, write_flags);
  if (bytes == NULL) die("no bytecode", path);
  printf("static const uint8_t part%d[] = {", number);
  for (size_t index = 0; index < size; index += 1) printf("%s%d,", index % COLUMNS == 0 ? "\n" : "", bytes[index]);
  printf("\n};\n\n");
  js_free(ctx, bytes);
  free(text);
}

int main(int count, char **words)
{
  JSRuntime *runtime = JS_NewRuntime();
  if (runtime == NULL) die("no memory", "the engine");
  JS_SetModuleLoaderFunc(runtime, NULL, name_module, NULL);
  printf("#include \"program.h\"\n\n");
  for (int word = 1; word < count; word += 1) {
    /* Each in a world of its own, where nothing has the name of another. */
    JSContext *ctx = JS_NewContext(runtime);
    if (ctx == NULL) die("no memory", "the engine");
    write_part(runtime, ctx, word - 1, words[word]);
  }
  printf("const struct program_part program_parts[] = {\n");
  for (int word = 1; word < count; word += 1)
    printf("  { \"%s\", part%d, sizeof part%d },\n", name_of(words[word]), word - 1, word - 1);
  printf("};\nconst int program_parts_count = %d;\n", count - 1);
  return fflush(stdout) == 0 ? 0 : 1;
}
