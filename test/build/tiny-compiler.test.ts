import { ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { findCompiler, findTinyTarget, isCommand, tinyTargets } from '../../build/tiny-compiler.ts';

test('without a name the target is this machine', () => {
  strictEqual(findTinyTarget(undefined).arch, process.arch);
  strictEqual(findTinyTarget('linux-armhf').cross, 'arm-linux-gnueabihf-gcc');
});

test('another is refused with the list of those that can be had', () => {
  throws(
    () => findTinyTarget('plan9-x64'),
    /plan9-x64; targets: linux-x64 linux-arm64 linux-armhf linux-mipsel/,
  );
});

test('a compiler is found, or its package is named', () => {
  for (const target of tinyTargets) {
    if (target.arch === process.arch) continue;
    if (isCommand(target.cross)) strictEqual(findCompiler(target).command, target.cross);
    else throws(() => findCompiler(target), new RegExp(`gcc-.*${target.name.slice(-2)}?`));
  }
  ok(isCommand('sh') && !isCommand('no-such-command'));
});
