/**
 * src/tiny/memory.c against the C library: a program that asks, changes and gives back at random, and looks whether what it
 * has put there is there, with the host's own pool behind it.
 */
import { strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkFlags } from '../../build/tiny-executable.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { top } from '../support/top.ts';

const program = `
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECES 20000
#define STEPS 2000000

static struct { unsigned char *bytes; size_t size; unsigned char mark; } pieces[PIECES];
static uint64_t state = 88172645463325252u;

static uint32_t any(uint32_t below)
{
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (uint32_t)(state >> 32) % below;
}

static void fail(const char *what) { puts(what); exit(1); }

static void check(int index, size_t size)
{
  for (size_t at = 0; at < size; at += 1)
    if (pieces[index].bytes[at] != pieces[index].mark) fail("changed by another");
}

int main(void)
{
  for (int step = 0; step < STEPS; step += 1) {
    int index = (int)any(PIECES);
    /* Mostly small, as the engine asks. */
    size_t old = pieces[index].size, size = any(8) == 0 ? any(5000) : any(300);
    unsigned char *bytes = pieces[index].bytes;
    uint32_t what = any(4);
    if (what == 0) {
      check(index, old);
      free(bytes);
      pieces[index].bytes = NULL, pieces[index].size = 0;
      continue;
    }
    if (what == 1) {
      check(index, old);
      if (size == 0) continue;
      bytes = realloc(bytes, size);
      pieces[index].bytes = bytes;
      if (bytes == NULL) fail("no memory");
      check(index, old < size ? old : size);
    } else {
      check(index, old);
      free(bytes);
      bytes = what == 2 ? malloc(size) : calloc(1, size);
      if (bytes == NULL && size > 0) fail("no memory");
      if (what == 3)
        for (size_t at = 0; at < size; at += 1)
          if (bytes[at] != 0) fail("not empty");
    }
    if ((uintptr_t)bytes % 16 != 0) fail("not aligned");
    if (bytes != NULL && malloc_usable_size(bytes) < size) fail("too small");
    pieces[index].bytes = bytes, pieces[index].size = size, pieces[index].mark = (unsigned char)any(256);
    if (size > 0) memset(bytes, pieces[index].mark, size);
  }
  if (calloc(SIZE_MAX / 2, 3) != NULL) fail("an impossible size");
  free(NULL);
  puts("good");
}
`;

test('nobody gets what another has, in the pool and beyond it', needs('cc'), () => {
  const directory = temporaryDirectory();
  const source = join(directory, 'main.c');
  const output = join(directory, 'main');
  writeFileSync(source, program);
  const wrap = linkFlags.filter((flag) => flag.includes('--wrap'));
  const words = ['-O1', '-fno-builtin', '-w', source, join(top, 'src/tiny/memory.c'), ...wrap, '-o', output];
  execFileSync('cc', words);
  strictEqual(execFileSync(output, { encoding: 'latin1' }), 'good\n');
});
