/**
 * Bad input and bad configuration on the whole way, with the shipped executables: each has its own clear answer where
 * it was made, and the hub has taken nothing. What the protocol's parsers make of bad bytes is in the tests of qmqp/.
 */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { eachBody } from '../support/bodies.ts';
import {
  executablesMissing,
  localAddress,
  portOf,
  satelliteHome,
  startBuilt,
  startBuiltHub,
} from '../support/built-hub.ts';
import type { Hub } from '../support/hub.ts';
import { hubHome } from '../support/hub-home.ts';
import { qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';

const options = { skip: executablesMissing };

const message = 'Subject: bad input\n\nbody\n';

const longAddress = `${'a'.repeat(2000 - '@hub.test'.length)}@hub.test`;

interface Bad {
  readonly what: string;
  readonly program: string;
  readonly args?: readonly string[];
  readonly stdin?: string;
  readonly envelope?: string;
  readonly exit: number;
  readonly stderr: RegExp;
}

type Executable = 'mini-qmail' | 'satellite';

async function answers(executable: Executable, home: string, cases: readonly Bad[]): Promise<void> {
  await Promise.all(
    cases.map(async ({ what, stdin = message, exit, stderr, ...run }) => {
      const { child, ended } = startBuilt(executable, { home, ...run });
      child.stdin?.end(stdin, 'latin1');
      const found = await ended;
      assert.equal(found.exit, exit, `${what}: ${found.stderr}`);
      assert.match(found.stderr, stderr, what);
    }),
  );
}

async function hubFor(context: TestContext): Promise<Hub> {
  const hub = await startBuiltHub();
  context.after(() => hub.stop());
  return hub;
}

/** A good message comes through, and it is the first that the hub has taken. */
async function takesOnlyGood(hub: Hub): Promise<void> {
  assert.match(await submitRequest(portOf(hub), qmqpRequest(message, 's@x', localAddress)), /^\d+:Kok/);
  await hub.line(/^end msg /);
  assert.equal(hub.lines.filter((line) => line.startsWith('new msg ')).length, 1);
  assert.equal(hub.delivered().length, 1);
}

eachBody('a satellite says what is wrong with what it was given', options, async (context) => {
  const hub = await hubFor(context);
  await answers('satellite', satelliteHome(...hub.addresses), [
    {
      what: 'an envelope without its final NUL',
      program: 'qmail-qmqpc',
      envelope: `Fs@x\0T${localAddress}\0`,
      exit: 91,
      stderr: /envelope ends/,
    },
    { what: 'an empty envelope', program: 'qmail-queue', envelope: '', exit: 91, stderr: /envelope ends/ },
    {
      what: 'an envelope that begins with a recipient',
      program: 'qmail-qmqpc',
      envelope: `T${localAddress}\0\0`,
      exit: 91,
      stderr: /envelope is malformed/,
    },
    {
      what: 'a recipient of 2,000 bytes',
      program: 'qmail-qmqpc',
      envelope: `Fs@x\0T${longAddress}\0\0`,
      exit: 31,
      stderr: /127\.0\.0\.1:\d+: refused: .*\(#5\.1\.3\)/,
    },
    {
      what: 'a sender of 2,000 bytes',
      program: 'qmail-qmqpc',
      envelope: `F${longAddress}\0T${localAddress}\0\0`,
      exit: 31,
      stderr: /\(#5\.1\.3\)/,
    },
    {
      what: 'a recipient of 2,000 bytes for qmail-inject',
      program: 'qmail-inject',
      args: [longAddress],
      exit: 100,
      stderr: /\(#5\.1\.3\)/,
    },
    {
      what: 'a sender of 2,000 bytes for qmail-inject',
      program: 'qmail-inject',
      args: ['-f', longAddress, localAddress],
      exit: 100,
      stderr: /\(#5\.1\.3\)/,
    },
    {
      what: 'a recipient of 2,000 bytes for sendmail',
      program: 'sendmail',
      args: [longAddress],
      exit: 65,
      stderr: /\(#5\.1\.3\)/,
    },
    {
      what: 'a recipient of 2,000 bytes in the header',
      program: 'sendmail',
      args: ['-t'],
      stdin: `To: ${longAddress}\n\n`,
      exit: 65,
      stderr: /\(#5\.1\.3\)/,
    },
    { what: 'no recipient for sendmail', program: 'sendmail', exit: 64, stderr: /recipient/ },
    { what: 'no recipient in the header', program: 'sendmail', args: ['-t'], exit: 65, stderr: /recipient/ },
  ]);
  await takesOnlyGood(hub);
});

test('a hub says what is wrong with what its own programs were given', options, async (context) => {
  const hub = await hubFor(context);
  await answers('mini-qmail', hub.home, [
    {
      what: 'an envelope without its final NUL',
      program: 'qmail-queue',
      envelope: `Fs@x\0T${localAddress}\0`,
      exit: 54,
      stderr: /envelope ends/,
    },
    {
      what: 'an address of 2,000 bytes',
      program: 'qmail-queue',
      envelope: `Fs@x\0T${longAddress}\0\0`,
      exit: 11,
      stderr: /address/,
    },
    {
      what: 'a recipient of 2,000 bytes for qmail-inject',
      program: 'qmail-inject',
      args: [longAddress],
      exit: 100,
      stderr: /\(#5\.1\.3\)/,
    },
  ]);
  const reply = await submitRequest(portOf(hub), qmqpRequest(message, 's@x', localAddress, longAddress));
  assert.match(reply, /^\d+:D.*\(#5\.1\.3\),$/);
  await takesOnlyGood(hub);
});

eachBody(
  'a satellite without a usable qmqpservers keeps nothing and says why, with a code that asks to try again',
  options,
  async () => {
    const envelope = `Fs@x\0T${localAddress}\0\0`;
    for (const [text, stderr] of [
      [undefined, /control\/qmqpservers is missing/],
      ['', /control\/qmqpservers names no hub/],
      ['# nothing but this\n', /control\/qmqpservers names no hub/],
      [
        '999.1.1.1\n127.0.0.1:port\n',
        /control\/qmqpservers: 999\.1\.1\.1 is no address(.|\n)*control\/qmqpservers names no hub/,
      ],
    ] as const) {
      const home = satelliteHome();
      const path = `${home}/control/qmqpservers`;
      if (text === undefined) rmSync(path);
      else writeFileSync(path, text);
      const what = text ?? 'no file';
      await answers('satellite', home, [
        { what, program: 'qmail-qmqpc', envelope, exit: 55, stderr },
        { what, program: 'qmail-inject', args: [localAddress], exit: 111, stderr },
        { what, program: 'sendmail', args: [localAddress], exit: 78, stderr },
      ]);
    }
  },
);

eachBody(
  'a line that is no address is reported, and the next hub has the message',
  options,
  async (context) => {
    const hub = await hubFor(context);
    const home = satelliteHome('999.1.1.1', ...hub.addresses);
    await answers('satellite', home, [
      {
        what: 'one line of two',
        program: 'sendmail',
        args: [localAddress],
        exit: 0,
        stderr: /999\.1\.1\.1 is no address/,
      },
    ]);
    await hub.line(/^end msg /);
  },
);

test(
  'without control/me a satellite still sends, and a hub says what it needs and does not start',
  options,
  async (context) => {
    const hub = await hubFor(context);
    const home = satelliteHome(...hub.addresses);
    rmSync(`${home}/control/me`);
    await answers('satellite', home, [
      {
        what: 'a satellite without a name',
        program: 'sendmail',
        args: [localAddress],
        exit: 0,
        stderr: /^$/,
      },
    ]);
    await hub.line(/^end msg /);
    await assert.rejects(
      startBuiltHub({ home: hubHome({ locals: 'hub.test\n' }) }),
      /alert: cannot go on: .*\/control\/me is missing/,
    );
  },
);
