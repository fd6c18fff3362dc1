import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { hasIntegrity, lockedPackage, nodeBody } from '../../build/node-body.ts';
import { findTarget } from '../../build/targets.ts';

test('the lock file says which version, with which digest', () => {
  const lock = JSON.stringify({
    packages: { 'node_modules/n': { version: '1.2.3', integrity: 'sha512-x' } },
  });
  deepStrictEqual(lockedPackage(lock, 'n'), { version: '1.2.3', integrity: 'sha512-x' });
  throws(() => lockedPackage(lock, 'm'), /does not name m/);
});

test('a digest is held to its bytes', () => {
  const bytes = Buffer.from('hello');
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  ok(hasIntegrity(bytes, integrity));
  ok(!hasIntegrity(Buffer.from('hellp'), integrity));
});

test('the body is a Node that runs, smaller than the one it came from', () => {
  const body = nodeBody(findTarget(undefined));
  strictEqual(execFileSync(body.path, ['--version'], { encoding: 'utf8' }), `${process.version}\n`);
  strictEqual(process.version, `v${body.version}`);
  ok(statSync(body.path).size < statSync(process.execPath).size);
  strictEqual(nodeBody(findTarget(undefined)).path, body.path);
});
