import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checkJobFields,
  parseCheckJob,
  parseSpawnJob,
  parseWorkerJob,
  spawnJobFields,
  workerJobFields,
} from '../../src/spawn/index.ts';

const text = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const sizeBytes = fc.integer({ min: 0, max: 999_999_999_999_999 });

test('jobs are what their fields were made of', () => {
  const plain = { noNullPrototype: true };
  const spawnJob = fc.record({ message: text, token: text, sizeBytes, sender: text, recipient: text }, plain);
  fc.assert(
    fc.property(spawnJob, (job) => {
      deepStrictEqual(parseSpawnJob(spawnJobFields(job)), job);
    }),
  );
  const names = {
    sender: text,
    user: text,
    home: text,
    local: text,
    domain: text,
    dash: text,
    extension: text,
  };
  const workerJob = fc.record({ token: text, sizeBytes, ...names }, plain);
  fc.assert(
    fc.property(workerJob, (job) => {
      deepStrictEqual(parseWorkerJob(workerJobFields(job)), job);
    }),
  );
});

test('too few fields, too many, and sizes that are none, are no jobs', () => {
  const spawn = ['token', '12', 'sender', 'recipient', 'message'];
  const worker = ['token', '12', 's', 'user', '/home', 'local', 'domain', '-', 'ext'];
  for (const size of ['', '-1', '1.5', '1e3', ' 1', '0x10', '9'.repeat(16), '١']) {
    strictEqual(parseSpawnJob(spawn.with(1, size)), undefined, size);
    strictEqual(parseWorkerJob(worker.with(1, size)), undefined, size);
  }
  for (let count = 0; count < 12; count += 1) {
    const fields = Array.from({ length: count }, () => '1');
    strictEqual(parseSpawnJob(fields) === undefined, count !== 5);
    strictEqual(parseWorkerJob(fields) === undefined, count !== 9);
  }
});

test('a question for a recipient is one field', () => {
  deepStrictEqual(parseCheckJob(checkJobFields('joe@hub.test')), 'joe@hub.test');
  strictEqual(parseCheckJob([]), undefined);
  strictEqual(parseCheckJob(['a', 'b']), undefined);
});
