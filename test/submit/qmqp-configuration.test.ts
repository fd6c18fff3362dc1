import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { readQmqpConfiguration } from '../../src/submit/qmqp-configuration.ts';
import type { System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

function systemOf(controls: Readonly<Record<string, string>>, home = temporaryHome(controls)): System {
  return { ...nodeSystem([]), env: (name) => (name === 'QMAILHOME' ? home : undefined) };
}

test('hubs in the order of the file, with the documented timeouts', () => {
  const configuration = readQmqpConfiguration(
    systemOf({ qmqpservers: '# two hubs\n\n192.0.2.1  \nhub.example:99\n' }),
  );
  deepStrictEqual(configuration, {
    hubs: [
      { host: '192.0.2.1', port: 628 },
      { host: 'hub.example', port: 99 },
    ],
    rejected: [],
    limits: { connectMs: 10_000, idleMs: 60_000, totalMs: 3_600_000 },
  });
});

test('timeouts are seconds, at least one and at most a day', () => {
  const limits = readQmqpConfiguration(
    systemOf({ qmqpservers: '', timeoutconnect: '5\n', timeoutremote: '0\n', timeouttotal: '9999999\n' }),
  )?.limits;
  deepStrictEqual(limits, { connectMs: 5000, idleMs: 1000, totalMs: 86_400_000 });
});

test('lines that name no hub are kept apart', () => {
  const configuration = readQmqpConfiguration(systemOf({ qmqpservers: '1.2.3\n127.0.0.1\n:628\n' }));
  deepStrictEqual(configuration?.rejected, ['1.2.3', ':628']);
  deepStrictEqual(configuration?.hubs, [{ host: '127.0.0.1', port: 628 }]);
});

test('with qmqpshuffle the order changes from message to message', () => {
  const system = systemOf({ qmqpservers: 'a\nb\nc\nd\n', qmqpshuffle: '1\n' });
  const orders = new Set<string>();
  for (let round = 0; round < 100; round += 1) {
    orders.add(
      readQmqpConfiguration(system)
        ?.hubs.map((hub) => hub.host)
        .join('') ?? '',
    );
  }
  strictEqual(orders.size > 5, true);
  const off = systemOf({ qmqpservers: 'a\nb\n', qmqpshuffle: '0\n' });
  deepStrictEqual(readQmqpConfiguration(off)?.hubs[0]?.host, 'a');
});

test('a missing file is told from an empty one, and from one that cannot be read', () => {
  strictEqual(readQmqpConfiguration(systemOf({})), undefined);
  deepStrictEqual(readQmqpConfiguration(systemOf({ qmqpservers: '' }))?.hubs, []);
  for (const name of ['qmqpservers', 'me', 'timeoutremote']) {
    const home = temporaryHome(name === 'qmqpservers' ? {} : { qmqpservers: 'a\n' });
    mkdirSync(`${home}/control/${name}`);
    throws(() => readQmqpConfiguration(systemOf({}, home)), new RegExp(`control/${name}`));
  }
});
