import { match, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { startQmtpService } from '../../src/programs/qmtp-service.ts';
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
