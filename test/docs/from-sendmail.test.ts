/** docs/from-sendmail.md is followed from its first command to its last, and mail arrives where it did before. */
import { match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { executablesMissing } from '../support/executables.ts';
import { findProgram } from '../support/foreign.ts';
import {
  type MailHost,
  type MailSystem,
  type Places,
  sendmailMissing,
  startMailHost,
  tree,
} from '../support/mail-host.ts';
import { postfixMissing } from '../support/postfix.ts';
import { privateHostMissing } from '../support/private-host.ts';
import { textOfFile } from '../support/sources.ts';
import { until } from '../support/until.ts';

/** When one of its parts counts as stuck: beside much other work each has taken most of a minute. */
const guideMsMax = 120_000;

/** What the shell runs, line by line. */
const guideLog = '/var/log/guide.log';

const logLinesShown = 40;

/** Headings before which the reader stops, to see whether mail arrives. */
const stops = ['What users will see'];

const stopMark = (number: number) => `/run/stop-${number}`;
const goMark = (number: number) => `/run/go-${number}`;

/** The commands of the guide for one of the two systems, in their order, with a stop before some headings. */
function commandsFor(system: MailSystem): string {
  const guide = textOfFile('docs/from-sendmail.md');
  const script: string[] = [];
  for (const [, heading, info, block] of guide.matchAll(/^## (.*)$|^```(.*)\n([\s\S]*?)^```$/gm)) {
    const stop = stops.indexOf(heading ?? '');
    if (stop >= 0) script.push(`touch ${stopMark(stop)}; until [ -e ${goMark(stop)} ]; do sleep 0.1; done\n`);
    if (info === 'sh' || info === `sh ${system}`) script.push(block ?? '');
    else if (info !== undefined) ok(/^(sh (postfix|sendmail)|text)$/.test(info), info);
  }
  return script.join('');
}

/** Follows the guide; `look` is called at each stop. What it says is in a log that a failing test shows. */
async function follow(host: MailHost, script: string, look: () => Promise<void>): Promise<string> {
  let outcome: Error | string | undefined;
  host.sh(`exec 2>${guideLog}; set -x\n${script}`, { cwd: tree, timeoutMs: 2 * guideMsMax }).then(
    (said) => {
      outcome = said;
    },
    () => {
      outcome = new Error('the guide ended early');
    },
  );
  for (const number of stops.keys()) {
    const reached = () => outcome !== undefined || existsSync(`${host.root}${stopMark(number)}`);
    await until(`the guide's stop ${number}`, () => reached() || undefined, guideMsMax);
    if (outcome !== undefined) break;
    await look();
    writeFileSync(`${host.root}${goMark(number)}`, '');
  }
  const end = await until("the guide's end", () => outcome, guideMsMax);
  if (typeof end === 'string') return end;
  throw end;
}

/** The ends of the logs, for somebody who looks why it failed. */
function logs(host: MailHost): string {
  const tails = [guideLog, '/var/log/hub.log'].map((log) => {
    const path = `${host.root}${log}`;
    const lines = existsSync(path) ? readFileSync(path, 'latin1').split('\n') : [];
    return `${log}:\n${lines.slice(-logLinesShown).join('\n')}`;
  });
  return tails.join('\n');
}

/** What the sample host does with mail, before and after. */
const shared: Places = {
  alice: ['alice'],
  'alice@mail.example': ['alice'],
  bob: ['bob', 'alice'],
  carol: ['carol'],
  dave: ['carol'],
  erin: ['/srv/mail/piped'],
  root: ['alice'],
  postmaster: ['alice'],
  'MAILER-DAEMON': ['alice'],
  sales: ['bob', 'alice', 'carol'],
  staff: ['alice', 'bob'],
  trash: [],
  'info@shop.example': ['alice'],
  'orders@shop.example': ['bob', 'alice'],
  'anybody@old.example': ['carol'],
};

const postfixOnly: Places = {
  keep: ['/srv/mail/kept'],
  archive: ['/srv/mail/archive'],
  'boss@mail.example': ['carol'],
};

const sendmailOnly: Places = { keep: ['/srv/mail/kept'], 'carol@shop.example': ['carol'] };

const missing = privateHostMissing || executablesMissing;
const formailMissing = findProgram('formail') === undefined && 'procmail: not installed';

interface Way {
  readonly system: MailSystem;
  readonly skip: string | false;
  readonly expected: Places;
}

const ways: readonly Way[] = [
  {
    system: 'postfix',
    skip: missing || formailMissing || postfixMissing(),
    expected: { ...shared, ...postfixOnly },
  },
  {
    system: 'sendmail',
    skip: missing || formailMissing || sendmailMissing,
    expected: { ...shared, ...sendmailOnly },
  },
];

for (const { system, skip, expected } of ways) {
  test(`the guide leads from ${system} to the hub and back`, { skip }, async () => {
    const host = await startMailHost(system);
    try {
      const own = (await host.sh('readlink -f /usr/sbin/sendmail')).trim();
      await host.deliversAs('before', { ...expected, 'www-data': ['www-data'] });
      const said = await follow(host, commandsFor(system), async () => {
        await host.deliversAs('after', { ...expected, 'www-data': ['alice'] });
        // What the old system still had has arrived, and old mail has come along.
        match(await host.sh('cat /srv/mail/later'), /^Subject: \(waiting\)$/m);
        match(await host.sh("grep -rh '^Subject: (before to alice)$' /home/alice/Maildir/new"), /before/);
        strictEqual((await host.sh('readlink -f /usr/sbin/sendmail')).trim(), '/var/qmail/bin/mini-qmail');
      });
      ok(!said.includes('by hand'), said);
      await host.deliversAs('back', { ...expected, 'www-data': ['alice'] });
      strictEqual((await host.sh('readlink -f /usr/sbin/sendmail')).trim(), own);
      strictEqual((await host.run(['id', 'qmailq'])).exit, 1);
    } catch (error) {
      console.error(logs(host));
      throw error;
    } finally {
      await host.close();
    }
  });
}
