import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { connected, waitFor } from '../../src/tiny/socket.ts';
import { errno, fakeHost } from '../support/fake-host.ts';

const inProgress = -(errno['EINPROGRESS'] ?? 0);
const refused = -(errno['ECONNREFUSED'] ?? 0);
const interrupted = -(errno['EINTR'] ?? 0);
const busy = -(errno['EAGAIN'] ?? 0);

test('an interruption does not make the time longer', () => {
  let ms = 0;
  const interrupt = () => {
    ms += 30;
    return interrupted;
  };
  const { host, called } = fakeHost({ monotonic: [() => ms], poll: [interrupt, interrupt, 0] });
  strictEqual(waitFor(host, 4, 0, 50), false);
  deepStrictEqual(
    called.filter(([name]) => name === 'poll').map(([, , , timeoutMs]) => timeoutMs),
    [50, 20, 0],
  );
});

test('a connection that needs time', () => {
  const { host } = fakeHost({ monotonic: [0], poll: [1], socketError: [0] });
  strictEqual(
    connected(host, 4, () => inProgress, 'x', 50),
    4,
  );
});

test('one that fails later, and one that never comes, are closed', () => {
  const later = fakeHost({ monotonic: [0], poll: [1], socketError: [refused], close: [0] });
  throws(() => connected(later.host, 4, () => inProgress, 'x', 50), { code: 'ECONNREFUSED' });
  deepStrictEqual(later.called.at(-1), ['close', 4]);
  const never = fakeHost({ monotonic: [0, 50], poll: [0], close: [0] });
  throws(() => connected(never.host, 4, () => inProgress, 'x', 50), { code: 'ETIMEDOUT' });
  deepStrictEqual(never.called.at(-1), ['close', 4]);
});

test('a listener whose queue is full is asked again', () => {
  const answers = [busy, busy, 0];
  const { host } = fakeHost({ monotonic: [0], poll: [0] });
  strictEqual(
    connected(host, 4, () => answers.shift() ?? 0, 'x', 50),
    4,
  );
});

test('no socket', () => {
  const { host } = fakeHost({});
  throws(() => connected(host, -(errno['EMFILE'] ?? 0), () => 0, 'x', 50), { code: 'EMFILE' });
});
