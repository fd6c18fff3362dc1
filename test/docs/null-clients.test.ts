/** docs/null-clients.md: its commands, and what the hub of the site has then. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { executablesMissing, portOf, startBuiltHub } from '../support/built-hub.ts';
import { commandBlocks, runAsDocumented } from '../support/document.ts';
import { hubHome } from '../support/hub-home.ts';

const field = (text: string, name: string) =>
  text
    .split('\n')
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2);

test('null clients of a site', { skip: executablesMissing }, async () => {
  const hub = await startBuiltHub({ home: hubHome({ me: 'hub.example\n', locals: 'hub.example\n' }) });
  await runAsDocumented(
    commandBlocks('docs/null-clients.md')
      .join('\n')
      .replaceAll('6280', String(portOf(hub))),
  );
  await hub.count(/^delivery \d+: success/, 4);
  const messages = hub.messages().map((text) => ({
    subject: field(text, 'Subject'),
    sender: field(text, 'Return-Path'),
    recipient: field(text, 'Delivered-To'),
    author: field(text, 'From'),
  }));
  const cron = (name: string) => ({
    subject: `Cron on ${name}`,
    sender: '<root@hub.example>',
    recipient: 'root@hub.example',
    author: 'root@hub.example (Cron Daemon)',
  });
  const disk = {
    subject: 'disk',
    sender: '<postgres@hub.example>',
    recipient: 'ops@hub.example',
    author: 'postgres@hub.example',
  };
  const bySubject = (one: { subject: string | undefined }, other: { subject: string | undefined }) =>
    (one.subject ?? '') < (other.subject ?? '') ? -1 : 1;
  deepStrictEqual(messages.toSorted(bySubject), [cron('backup'), cron('db'), cron('web'), disk]);
  for (const text of hub.messages()) {
    const name = /^Cron on (.*)$/.exec(field(text, 'Subject') ?? '')?.[1] ?? 'db';
    match(field(text, 'Message-ID') ?? '', new RegExp(`@${name}\\.hub\\.example>$`));
  }
  strictEqual(await hub.stop(), 0);
});
