import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { test } from 'node:test';
import { listRequests, removeRequest, requestsMax } from '../../../src/serve/index.ts';
import { noteRequest } from '../../../src/serve/satellites/requests.ts';
import { temporaryDirectory } from '../../support/home.ts';

const pin = (index: number) => `sha256:${String(index).padStart(64, '0')}`;

function directoryOf(): string {
  const directory = `${temporaryDirectory()}/.requests`;
  mkdirSync(directory);
  return directory;
}

const request = (index: number, name = 'box.example') => ({
  fingerprint: pin(index),
  name,
  ip: '192.0.2.1',
  atMs: Date.now(),
});

test('a request is noted once, and removed', () => {
  const directory = directoryOf();
  strictEqual(noteRequest(directory, request(1)), true);
  strictEqual(noteRequest(directory, request(1, 'other.example')), true);
  deepStrictEqual(
    listRequests(directory).map(({ fingerprint, name, ip }) => [fingerprint, name, ip]),
    [[pin(1), 'other.example', '192.0.2.1']],
  );
  removeRequest(directory, pin(1));
  removeRequest(directory, pin(1));
  deepStrictEqual(listRequests(directory), []);
});

test('what is no name is none', () => {
  const directory = directoryOf();
  for (const [index, name] of ['a\nkey', '../x', 'A B'].entries())
    noteRequest(directory, request(index, name));
  deepStrictEqual(
    listRequests(directory).map(({ name }) => name),
    ['', '', ''],
  );
});

test('there are so many and no more, until some are old', () => {
  const directory = directoryOf();
  for (let index = 0; index < requestsMax; index += 1) noteRequest(directory, request(index));
  strictEqual(noteRequest(directory, request(requestsMax)), false);
  strictEqual(noteRequest(directory, request(0)), true);
  const old = new Date(Date.now() - 8 * 86_400_000);
  utimesSync(`${directory}/${pin(1).slice('sha256:'.length)}`, old, old);
  strictEqual(noteRequest(directory, request(requestsMax)), true);
  strictEqual(readdirSync(directory).length, requestsMax);
});

test('without a directory there are none, and none can be noted', () => {
  const directory = `${temporaryDirectory()}/none`;
  deepStrictEqual(listRequests(directory), []);
  throws(() => noteRequest(directory, request(1)), { code: 'ENOENT' });
});
