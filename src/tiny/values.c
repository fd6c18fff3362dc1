/* Values of the engine at the edge to the system (values.h). */
#include "values.h"

#include <errno.h>
#include <string.h>

int take_number(JSContext *ctx, JSValueConst value, int64_t min, int64_t max, int64_t *result)
{
  double number;
  if (!JS_IsNumber(value) || JS_ToFloat64(ctx, &number, value) < 0) goto wrong;
  /* Written so that NaN is wrong, too. */
  if (!(number >= (double)min && number <= (double)max)) goto wrong;
  *result = (int64_t)number;
  if ((double)*result == number) return 0;
wrong:
  JS_ThrowTypeError(ctx, "not a whole number in its range");
  return -1;
}

/* Each code unit is a byte. The engine gives UTF-8, in which those over 127 are two bytes that begin with C2 or C3. */
static int narrow(const char *utf8, size_t length, char *into)
{
  size_t from = 0, to = 0;
  while (from < length) {
    unsigned char byte = (unsigned char)utf8[from++];
    if (byte == 0) return EINVAL;
    if (byte >= 0x80) {
      if ((byte & 0xfe) != 0xc2 || from == length) return EILSEQ;
      byte = (unsigned char)((byte & 1) << 6 | 0x80 | ((unsigned char)utf8[from++] & 0x3f));
    }
    into[to++] = (char)byte;
  }
  into[to] = 0;
  return 0;
}

static const char *utf8_of(JSContext *ctx, JSValueConst value, size_t *length)
{
  if (JS_IsString(value)) return JS_ToCStringLen(ctx, length, value);
  JS_ThrowTypeError(ctx, "not a byte string");
  return NULL;
}

int take_text(JSContext *ctx, JSValueConst value, char *into, size_t size)
{
  size_t length;
  const char *utf8 = utf8_of(ctx, value, &length);
  if (utf8 == NULL) return -1;
  int problem = length == 0 ? ENOENT : length >= size ? ENAMETOOLONG : narrow(utf8, length, into);
  JS_FreeCString(ctx, utf8);
  return problem;
}

char *take_long_text(JSContext *ctx, JSValueConst value)
{
  size_t length;
  const char *utf8 = utf8_of(ctx, value, &length);
  if (utf8 == NULL) return NULL;
  char *text = js_malloc(ctx, length + 1);
  if (text != NULL && narrow(utf8, length, text) != 0) {
    js_free(ctx, text);
    text = NULL;
    JS_ThrowTypeError(ctx, "not a byte string without NUL");
  }
  JS_FreeCString(ctx, utf8);
  return text;
}

void *take_array(JSContext *ctx, JSValueConst value, size_t element_size, size_t *size)
{
  size_t offset, length, element, whole;
  JSValue buffer = JS_GetTypedArrayBuffer(ctx, value, &offset, &length, &element);
  if (JS_IsException(buffer)) return NULL;
  uint8_t *bytes = JS_GetArrayBuffer(ctx, &whole, buffer);
  /* The array keeps its buffer. */
  JS_FreeValue(ctx, buffer);
  if (bytes == NULL || element != element_size || offset > whole || length > whole - offset) {
    JS_ThrowTypeError(ctx, "not an array of its kind");
    return NULL;
  }
  *size = length;
  return bytes + offset;
}

int64_t take_count(JSContext *ctx, JSValueConst list, size_t most)
{
  int64_t count;
  JSValue length = JS_GetPropertyStr(ctx, list, "length");
  if (JS_IsException(length)) return -1;
  int problem = take_number(ctx, length, 0, (int64_t)most, &count);
  JS_FreeValue(ctx, length);
  return problem < 0 ? -1 : count;
}

char **take_texts(JSContext *ctx, JSValueConst list, size_t most)
{
  int64_t count = take_count(ctx, list, most);
  if (count < 0) return NULL;
  char **texts = js_mallocz(ctx, ((size_t)count + 1) * sizeof *texts);
  for (int64_t index = 0; texts != NULL && index < count; index += 1) {
    JSValue value = JS_GetPropertyUint32(ctx, list, (uint32_t)index);
    texts[index] = take_long_text(ctx, value);
    JS_FreeValue(ctx, value);
    if (texts[index] == NULL) {
      free_texts(ctx, texts);
      texts = NULL;
    }
  }
  return texts;
}

void free_texts(JSContext *ctx, char **texts)
{
  if (texts == NULL) return;
  for (char **text = texts; *text != NULL; text += 1) js_free(ctx, *text);
  js_free(ctx, texts);
}

JSValue give_text(JSContext *ctx, const char *text)
{
  size_t length = strlen(text), to = 0;
  char *utf8 = js_malloc(ctx, length * 2 + 1);
  if (utf8 == NULL) return JS_EXCEPTION;
  for (size_t from = 0; from < length; from += 1) {
    unsigned char byte = (unsigned char)text[from];
    if (byte >= 0x80) utf8[to++] = (char)(0xc0 | byte >> 6);
    utf8[to++] = (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
  }
  JSValue value = JS_NewStringLen(ctx, utf8, to);
  js_free(ctx, utf8);
  return value;
}
