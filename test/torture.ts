/**
 * The long forms of tests whose short forms are in the suite: `npm run torture`, or `npm run torture -- WORD` for those
 * with WORD in their name. They need the built executables.
 */
import { type TestContext, test } from 'node:test';
import { killedHub } from './crash/killed-hub.ts';
import { killedSatellites } from './crash/killed-satellite.ts';
import { spooledMessages } from './crash/spooled-messages.ts';
import { freshDebianMissing, makeFreshDebian } from './end-to-end/fresh-debian.ts';
import { largeMessage } from './end-to-end/large-message.ts';
import { manyMessages } from './end-to-end/many-messages.ts';
import { manyRecipients } from './end-to-end/many-recipients.ts';
import { hubLives, satelliteChanges, satelliteLives, withPackages } from './end-to-end/packages.ts';
import { smallBox } from './end-to-end/small-box.ts';
import { makeSmallDebian, packagedExecutable } from './end-to-end/small-debian.ts';
import { type EachOperation, eachOperation } from './fault/each-operation.ts';
import { faultyDiskNeeds } from './fault/faulty-disk.ts';
import { smallAlphabet } from './fuzz/small-alphabet.ts';
import { fuzzersMissing } from './fuzz/tiny/make-fuzzers.ts';
import { runFuzzer } from './fuzz/tiny/run-fuzzer.ts';
import { queueManager } from './model/queue-manager.ts';
import { type Body, bodies, inBody, nameIn } from './support/bodies.ts';
import { executablesMissing } from './support/built-hub.ts';
import { needs } from './support/foreign.ts';
import { temporaryDirectory } from './support/home.ts';
import { measuringMissing } from './support/measure.ts';
import { postfixMissing } from './support/postfix.ts';
import { tinyMissing } from './support/tiny-body.ts';

interface Torture {
  readonly name: string;
  readonly run: (context: TestContext) => Promise<void>;
  readonly skip?: string | false;
}

function faults(how: string, options: EachOperation): Torture {
  return {
    name: `fault: each operation on the disk ${how}`,
    async run(context) {
      const { runs, what, refusals, doubles } = await eachOperation(options);
      context.diagnostic(`${runs} operations; ${refusals} refusals; ${doubles} copies made twice`);
      context.diagnostic([...what].map(([operation, count]) => `${operation}: ${count}`).join(', '));
    },
    ...faultyDiskNeeds,
  };
}

/** The same in each body of the satellite. */
function eachBody({ name, run, skip = false }: Torture): readonly Torture[] {
  return bodies.map((body) => ({
    name: nameIn(body, name),
    run: (context) => inBody(body, () => run(context)),
    skip: skip || body.missing,
  }));
}

/** In the native body it takes less time, since its programs start sooner. */
function spooled(body: Body, hubs: number): Torture {
  const worst = hubs === 1 ? 'one of the worst hubs' : `${hubs} of the worst hubs`;
  return {
    name: nameIn(body, `spooled messages: 10,000 from 20 senders, with ${worst}`),
    run: (context) => inBody(body, () => spooledMessages(context, { messages: 10_000, senders: 20, hubs })),
    skip: body.missing,
  };
}

const tortures: readonly Torture[] = [
  {
    name: 'killed hub: 100 times under load',
    run: (context) => killedHub(context, { kills: 100, submitters: 16 }),
  },
  ...eachBody({
    name: 'killed satellites: 500 of them',
    run: (context) => killedSatellites(context, { kills: 500, satellites: 8 }),
  }),
  ...bodies.flatMap((body) => [1, 2].map((hubs) => spooled(body, hubs))),
  {
    name: 'many messages: 20,000 from 50 connections',
    run: (context) => manyMessages(context, { messages: 20_000, sessions: 50, sizeBytes: 1500 }),
    ...needs('qmqp-source'),
  },
  {
    name: 'many recipients: 20,000 in a mailbox each',
    run: (context) => manyRecipients(context, { local: 20_000, remote: 0 }),
    skip: measuringMissing,
  },
  ...eachBody({
    name: 'large message: 1,900 MB from a satellite to a Maildir',
    run: (context) => largeMessage(context, 1_900_000_000),
    skip: measuringMissing,
  }),
  faults('fails (EIO)', { fault: 'fail', error: 'EIO' }),
  faults('fails (ENOSPC)', { fault: 'fail', error: 'ENOSPC' }),
  faults('fails with all that follow (EIO)', { fault: 'fail', error: 'EIO', lastingMs: 100 }),
  faults('fails with all that follow (ENOSPC)', { fault: 'fail', error: 'ENOSPC', lastingMs: 100 }),
  faults('is the last before a kill', { fault: 'killed' }),
  faults('is carried out by half before a kill', { fault: 'torn' }),
  faults('is the last before a loss of power', { fault: 'power' }),
  {
    name: 'debootstrap: the packages on a fresh Debian',
    async run() {
      const from = temporaryDirectory();
      makeFreshDebian(from);
      for (const name of ['mini-qmail-satellite', 'mini-qmail-tiny'] as const)
        await withPackages((host) => satelliteLives(host, name), { from });
      await withPackages((host) => satelliteChanges(host, 'mini-qmail-satellite', 'mini-qmail-tiny'), {
        from,
      });
      await withPackages((host) => satelliteChanges(host, 'mini-qmail-tiny', 'mini-qmail-satellite'), {
        from,
      });
      await withPackages(hubLives, { from });
    },
    skip: freshDebianMissing,
  },
  { name: 'small-alphabet: all texts of up to 7 letters', run: smallAlphabet },
  {
    name: 'tiny-fuzz: 10,000,000 times the host in C',
    run: (context) => runFuzzer(context, 'host', { executions: 10_000_000, jobs: 2 }),
    skip: fuzzersMissing,
  },
  {
    name: 'tiny-fuzz: 100,000 programs on it',
    run: (context) => runFuzzer(context, 'programs', { executions: 100_000, jobs: 2 }),
    skip: fuzzersMissing,
  },
  {
    name: 'small box: 1,000 messages on a fresh Debian without Node',
    async run(context) {
      await smallBox(context, {
        messages: 1000,
        from: await makeSmallDebian(),
        executable: packagedExecutable,
      });
    },
    skip: freshDebianMissing || tinyMissing || postfixMissing(),
  },
  {
    name: 'model: 5,000 plays',
    run: () => queueManager({ runs: 5000, commandsMax: 40 }),
  },
];

const word = process.argv[2] ?? '';
const chosen = tortures.filter(({ name }) => name.includes(word));
if (chosen.length === 0) throw new Error(`no test here has ${word} in its name`);
for (const { name, run, skip = false } of chosen) test(name, { skip: executablesMissing || skip }, run);
