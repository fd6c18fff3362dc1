import { match, strictEqual } from 'node:assert/strict';
import { printSpool } from '../../src/programs/print-spool.ts';
import { readSpoolSettings } from '../../src/satellite/index.ts';
import { textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { eachBody } from '../support/bodies.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

eachBody('what waits in a spool is printed, and that nothing does', async () => {
  const spool = `${temporaryDirectory()}/spool`;
  const home = temporaryHome({ me: 'box.test\n', qmqpservers: '127.0.0.1:1\n', spool: `${spool}\n` });
  const node = nodeSystem([]);
  let printed = '';
  const write = (_: number, bytes: Uint8Array) => {
    printed += textOf(bytes);
  };
  const system = {
    ...node,
    env: (name: string) => (name === 'QMAILHOME' ? home : node.env(name)),
    files: { ...node.files, write },
  };
  const list = () => {
    printed = '';
    const settings = readSpoolSettings(system);
    if (settings !== undefined) printSpool(system, settings);
    return printed;
  };
  strictEqual(list(), 'Mail queue is empty: nothing waits in the spool.\n');
  const run = {
    program: 'sendmail',
    args: ['ann@hub.test'],
    main: satelliteMain,
    stdin: 'Subject: x\n\nx\n',
  };
  strictEqual((await runProgram({ ...run, env: { QMAILHOME: home } })).exit, 0);
  match(list(), /ann@hub\.test/);
});
