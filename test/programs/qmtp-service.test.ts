import { match, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { openControl } from '../../src/control/index.ts';
import { startQmtpService } from '../../src/programs/qmtp-service.ts';
import { qmtpServerLimits } from '../../src/serve/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { memoryIntake } from '../support/memory-intake.ts';
import { qmqpPeer } from '../support/qmqp-peer.ts';
import { qmtpRequest } from '../support/qmtp-peer.ts';

test('control files are read at the start and again, and kept when they cannot be used', async () => {
  const home = temporaryHome();
  const control = openControl(nodeSystem([]), home);
  const lines: string[] = [];
  const service = startQmtpService({
    control,
    intake: () => memoryIntake(),
    log: (line) => lines.push(line),
  });
  const { port } = await service.listen({ address: '127.0.0.1', port: 0 });
  const letter = async () => {
    const peer = await qmqpPeer(port);
    peer.send(qmtpRequest('\n', 's', 'r@there.example'));
    peer.socket.end();
    return /:([KZD])/.exec(await peer.reply)?.[1];
  };
  strictEqual(await letter(), 'D');
  writeFileSync(`${home}/control/rcpthosts`, 'there.example\n');
  service.reload();
  strictEqual(await letter(), 'K');
  writeFileSync(`${home}/control/rcpthosts`, '');
  writeFileSync(`${home}/control/qmtprules`, 'bad\n');
  service.reload();
  match(lines.at(-1) ?? '', /alert: qmtpd: control files kept as before: .*qmtprules/);
  strictEqual(await letter(), 'K');
  await service.close();
  throws(() => startQmtpService({ control, intake: () => memoryIntake(), log() {} }), /qmtprules/);
});

test('all connections together ask for so many recipients at the same time', async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let asked = 0;
  const service = startQmtpService({
    control: openControl(nodeSystem([]), temporaryHome({ me: 'hub.test\n' })),
    intake: () => memoryIntake(),
    isKnown: () => {
      asked += 1;
      return promise;
    },
    log() {},
  });
  const { port } = await service.listen({ address: '127.0.0.1', port: 0 });
  const { checksMax, askedTogetherMax } = qmtpServerLimits;
  const many = Array.from({ length: askedTogetherMax }, (_, index) => `r${index}@hub.test`);
  const peers = await Promise.all(
    Array.from({ length: checksMax / askedTogetherMax + 2 }, () => qmqpPeer(port)),
  );
  for (const peer of peers) {
    peer.send(qmtpRequest('\n', 's', ...many));
    peer.socket.end();
  }
  while (asked < checksMax) await turn();
  for (let turns = 0; turns < 20; turns += 1) await turn();
  strictEqual(asked, checksMax);
  resolve(true);
  for (const { reply } of peers) strictEqual((await reply).match(/:K/g)?.length, many.length);
  strictEqual(asked, peers.length * many.length);
  await service.close();
});
