import { deepStrictEqual, match } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findTinyTarget } from '../../build/tiny-compiler.ts';
import { findEngine } from '../../build/tiny-engine.ts';
import { copyTinyLicenses, tinyLicenses } from '../../build/tiny-licenses.ts';
import { temporaryDirectory } from '../support/home.ts';

const command = (name: string) => ({ command: name, flags: [], linkBefore: [], linkBehind: [] });

test('the terms of everything that is linked, as far as this host has them', () => {
  const directory = join(temporaryDirectory(), 'licenses');
  const compilers = [
    ['musl-gcc', 'linux-x64', '/usr/share/doc/musl-dev/copyright'],
    ['arm-linux-gnueabihf-gcc', 'linux-armhf', '/usr/share/doc/libc6-dev-armhf-cross/copyright'],
  ] as const;
  for (const [name, target, terms] of compilers) {
    copyTinyLicenses(findEngine(), command(name), findTinyTarget(target), directory);
    const expected = tinyLicenses.filter((license) => license !== 'c-library' || existsSync(terms));
    deepStrictEqual(readdirSync(directory).sort(), [...expected].sort());
    if (existsSync(terms)) deepStrictEqual(readFileSync(join(directory, 'c-library')), readFileSync(terms));
  }
  match(readFileSync(join(directory, 'quickjs'), 'utf8'), /Fabrice Bellard/);
});
