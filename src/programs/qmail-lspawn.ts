/** qmail-lspawn: starts a worker for each user to whom mail comes. */
import { Socket } from 'node:net';
import { type Control, homeDirectory, openControl } from '../control/index.ts';
import {
  channelDescriptor,
  checkedNamesMax,
  checkedTogetherMax,
  createSpawner,
  createWorkerPool,
  startDeliveryWorker,
} from '../local/index.ts';
import { createUsers, systemAccounts } from '../local/users/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { findAccount, ownCommand } from '../process/index.ts';
import { serveJobs } from '../spawn/index.ts';
import { byteStringOf, bytesOf } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { hubAccountNames } from './hub-accounts.ts';
import { hubDefaults } from './hub-settings.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { ignoreSignals } from './qmail-ldeliver.ts';
import { deliveryDefault } from './qmail-send.ts';

export const workersDefault = 60;
export const workersMax = 1000;
export const idleSecondsDefault = 60;

/** Threads of a worker that wait for the disk. */
const diskThreads = 8;

const manual: Manual = {
  name: 'qmail-lspawn',
  section: 8,
  purpose: 'have messages delivered to local users',
  synopsis: ['[DEFAULTDELIVERY]'],
  description: [
    'qmail-lspawn is started by qmail-start as root. It takes addresses from qmail-send on descriptor 3, finds out whose each is, and gives it to a worker (qmail-ldeliver) that runs as that user and answers what became of it. It never sees a message, and writes no file.',
    'Whose an address is says users/cdb, if qmail-newu has made one; else the system: the longest beginning of the name that ends before a "-" or at its end and is the name of an account, whose home belongs to it, and which is not root; else the user alias.',
    'It is also asked whether there is an address, while a client of qmail-smtpd waits. There is one when it belongs to a user and, if it has an extension or belongs to nobody but the user alias, when there is a .qmail file for it. Only that is looked at, and what cannot be told passes.',
    'A worker is kept for the next job of its user and ended when it was idle for a while, or when another user needs its place. One that dies, or does not answer as it should, is ended, and its deliveries are deferred. Nothing is delivered as root.',
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds control/, users/ and queue/; /var/qmail without it.'],
    ['QMAILQUEUE', 'Given to the workers: a program that takes forwards in place of the queue.'],
  ],
  controls: [
    [
      'concurrencyusers',
      `Workers at the same time, but never fewer than concurrencylocal. Default: ${workersDefault}; maximum: ${workersMax}.`,
    ],
    ['concurrencylocal', 'See qmail-send(8).'],
    ['timeoutworker', `Seconds for which an idle worker is kept. Default: ${idleSecondsDefault}.`],
  ],
  exitCodes: [
    ['0', 'Descriptor 3 has ended, and all deliveries are done.'],
    ['100', 'It was called wrongly.'],
    ['111', 'It could not go on.'],
  ],
  limits: [
    ['names of .qmail files that are looked for, for one address', `${checkedNamesMax}`],
    ['addresses that servers ask for and that are looked for at the same time', `${checkedTogetherMax}`],
  ],
  bugs: [
    'getent(1) says of an account whose service in nsswitch.conf(5) is out of order what it says of one that does not exist. Mail for it goes to the user alias meanwhile, and bounces where that has no .qmail file for it; a client that asks is told that there is no such address. Users whom qmail-newu has put into users/cdb are not looked up.',
  ],
  seeAlso: ['qmail-start(8)', 'qmail-ldeliver(8)', 'qmail-newu(8)', 'qmail-getpw(8)', 'qmail-send(8)'],
};

const exitUsage = 100;

/** With fewer workers than deliveries, busy users could keep another one waiting for ever. */
function workersFor(control: Control): number {
  const { concurrencyLocal } = hubDefaults;
  const fewest = Math.max(control.number('concurrencylocal', concurrencyLocal), 1);
  return Math.min(Math.max(control.number('concurrencyusers', workersDefault), fewest), workersMax);
}

export const qmailLspawn: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 1) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    ignoreSignals();
    const [delivery = deliveryDefault] = parsed.line.operands;
    const home = homeDirectory(system);
    const control = openControl(system, home);
    const log = (line: string) => system.files.write(1, bytesOf(byteStringOf(`${line}\n`)));
    const asRoot = system.uid === 0;
    const queue = system.env('QMAILQUEUE');
    const options = {
      command: ownCommand('qmail-ldeliver', [nativeText(delivery)]),
      env: {
        PATH: process.env['PATH'] ?? '',
        QMAILHOME: nativeText(home),
        UV_THREADPOOL_SIZE: String(diskThreads),
        ...(queue === undefined ? {} : { QMAILQUEUE: nativeText(queue) }),
      },
    };
    const workers = createWorkerPool({
      start: (identity) => startDeliveryWorker(identity, options),
      workersMax: workersFor(control),
      idleMs: Math.max(control.number('timeoutworker', idleSecondsDefault), 1) * 1000,
      log,
    });
    const accounts = systemAccounts(asRoot ? { identity: findAccount(hubAccountNames.lookUp) } : {});
    const users = createUsers({ home, accounts, aliasName: hubAccountNames.alias });
    const channel = new Socket({ fd: channelDescriptor, allowHalfOpen: true });
    await serveJobs(channel, createSpawner({ users, workers }));
    await workers.close();
    users.close();
    return 0;
  },
};
