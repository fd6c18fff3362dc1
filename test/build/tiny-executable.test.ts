/** build/tiny-executable.ts: what it makes is small, hardened, and holds no parser. */
import { ok, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findTinyTarget } from '../../build/tiny-compiler.ts';
import { commonFlags, hostFlags, hostSources, linkFlags } from '../../build/tiny-executable.ts';
import { needs } from '../support/foreign.ts';
import { files } from '../support/sources.ts';
import { tinyExecutable, tinyMissing } from '../support/tiny-body.ts';
import { top } from '../support/top.ts';

const sizeBytesMax = 1e6;

test('every file of the host is compiled, without a warning', () => {
  const names = files('src/tiny/*.c').map((path) => path.slice('src/tiny/'.length));
  strictEqual([...hostSources].sort().join(), names.sort().join());
  ok(['-Wall', '-Wextra', '-Werror'].every((flag) => hostFlags.includes(flag)));
  ok(commonFlags.includes('-fstack-protector-strong'));
  ok(linkFlags.join().includes('relro,-z,now'));
});

test('it is smaller than a megabyte', { skip: tinyMissing }, () => {
  ok(statSync(tinyExecutable).size < sizeBytesMax);
});

test('it may lie anywhere, needs no library, and has nothing that can be written and run', {
  skip: tinyMissing || needs('readelf').skip,
}, () => {
  const elf = execFileSync('readelf', ['-hlW', tinyExecutable], { encoding: 'latin1' });
  ok(/Type:\s+DYN/.test(elf), elf);
  ok(!/INTERP/.test(elf), 'it asks for no loader');
  ok(/GNU_RELRO/.test(elf));
  ok(/GNU_STACK.*RW /.test(elf), 'the stack is not run');
  ok(!/LOAD.*RWE/.test(elf));
});

test('no parser of the language is in it, and nothing that evaluates text', { skip: tinyMissing }, () => {
  const map = readFileSync(
    join(top, 'dist/tiny', findTinyTarget(undefined).name, 'mini-qmail-tiny.map'),
    'latin1',
  );
  const [left = '', linked = ''] = map.split('Linker script and memory map');
  ok(
    linked.includes('.text.JS_EvalFunction\n') || linked.includes('.text.JS_EvalFunction '),
    'bytecode is run',
  );
  for (const name of ['__JS_EvalInternal', 'js_parse_expr2', 'JS_AddIntrinsicEval']) {
    ok(left.includes(`.text.${name}\n`), name);
    ok(!linked.includes(`.text.${name}\n`), name);
  }
});
