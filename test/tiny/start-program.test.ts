/** src/tiny/start-program.ts; run.test.ts and connect-program.test.ts have what comes of it. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { startProgram } from '../../src/tiny/start-program.ts';
import { errno, fakeHost } from '../support/fake-host.ts';

test('what the host is called with', () => {
  const { host, called } = fakeHost({ start: [42], environment: [['A=1', 'AB=2', 'C=']] });
  const peer = { program: '/bin/x', args: ['-a', ''], env: { A: 'new', D: 'caf\xe9' } };
  deepStrictEqual(startProgram(host, peer, { 1: 7, 4: 9 }, true), 42);
  const environment = ['AB=2', 'C=', 'A=new', 'D=caf\xe9'];
  deepStrictEqual(called.at(-1), ['start', ['/bin/x', '-a', ''], environment, [-1, 7, -1, -1, 9], true]);
});

test('what cannot be started', () => {
  const { host } = fakeHost({ start: [-(errno['EACCES'] ?? 0)], environment: [[]] });
  throws(() => startProgram(host, { program: '/x', args: [] }, {}, false), {
    code: 'EACCES',
    message: /spawn '\/x'/,
  });
});
