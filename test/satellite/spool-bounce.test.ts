import { deepStrictEqual, match, ok, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openClaims } from '../../src/satellite/claims.ts';
import { bounceOrSetAside, setAside } from '../../src/satellite/spool-bounce.ts';
import { SystemError } from '../../src/system/index.ts';
import { testSpool } from '../support/spool.ts';

async function claimed(
  sender: string,
  controls: Readonly<Record<string, string>> = {},
  text = 'Subject: x\n\nbody\n',
) {
  const spool = testSpool([], controls);
  spool.keep(text, { sender, nowMs: 1_000_000 });
  const claims = openClaims(spool.system, `${spool.settings.directory}/queue`);
  const [claim] = (await claims.claim(spool.names().slice(0, 1), [])).map(claims.open);
  ok(claim !== undefined);
  return { spool, claim, claims, directory: spool.settings.directory };
}

async function bounceOf(sender: string, controls: Readonly<Record<string, string>> = {}) {
  const { spool, claim, claims, directory } = await claimed(sender, controls);
  const result = bounceOrSetAside(spool.system, directory, claim, 'no such box (#5.1.1)');
  claims.close();
  return { ...result, spool, texts: spool.contents(), names: spool.names() };
}

test('the bounce takes the place of the message', async () => {
  const { kind, texts, spool } = await bounceOf('s@x');
  strictEqual(kind, 'bounced');
  strictEqual(texts.length, 1);
  const [text = ''] = texts;
  match(text, /,0:,3:s@x,,$/);
  match(text, /From: MAILER-DAEMON@box\.test\nTo: s@x\nSubject: failure notice\n/);
  match(text, /Hi\. This is the qmail-flush program at box\.test\.\n/);
  match(text, /<r@y>:\nno such box \(#5\.1\.1\)\n/);
  match(text, /Subject: x\n\nbody\n/);
  const [entry] = spool.entries();
  ok(entry !== undefined && Date.now() - entry.arrivedMs < 60_000);
  deepStrictEqual([entry.sizeBytes, entry.claim, entry.unknownAt], [text.length, undefined, []]);
});

test('the bounce of a bounce goes to the postmaster, or to whom the control files say', async () => {
  const plain = await bounceOf('');
  match(plain.texts[0] ?? '', /,4:#@\[\],19:postmaster@box\.test,,$/);
  match(plain.texts[0] ?? '', /A bounce message could not be delivered/);
  const told = await bounceOf('', { doublebounceto: 'ops\n', doublebouncehost: 'hub.test\n' });
  match(told.texts[0] ?? '', /,4:#@\[\],12:ops@hub\.test,,$/);
});

test('the bounce of that stays, and is told of', async () => {
  const result = await bounceOf('#@[]');
  ok(result.kind === 'failed');
  match(result.said, /\/spool\/failed\/.* will not be sent: no such box \(#5\.1\.1\)$/);
  deepStrictEqual(
    result.names.filter((name) => !name.startsWith('lock')),
    [],
  );
  strictEqual(result.spool.names('failed').length, 1);
  match(result.spool.contents('failed')[0] ?? '', /Subject: x/);
});

test('a variable return path gets its bounce without the mark', async () => {
  match((await bounceOf('list-@x-@[]')).texts[0] ?? '', /,0:,7:list-@x,,$/);
});

test('of a large message the header is returned', async () => {
  const { spool, claim, claims, directory } = await claimed(
    's@x',
    { bouncemaxbytes: '50\n' },
    `Subject: large\n\n${'x'.repeat(1000)}`,
  );
  bounceOrSetAside(spool.system, directory, claim, 'no');
  claims.close();
  const [text = ''] = spool.contents();
  match(text, /Subject: large/);
  ok(!text.includes('xxxx'));
});

test('what is damaged is set aside', async () => {
  const { spool, claim, claims, directory } = await claimed('s@x');
  writeFileSync(claim.path(), '19:4:body,3:s@x;3:r@y,,');
  const result = bounceOrSetAside(spool.system, directory, claim, 'no');
  ok(result.kind === 'failed');
  match(result.said, /envelope is malformed$/);
  claims.close();
});

test('a disk that is full leaves the message as it is', async () => {
  const { spool, claim, claims, directory } = await claimed('s@x');
  const write = () => {
    throw new SystemError('ENOSPC', 'no space left on device');
  };
  const system = { ...spool.system, files: { ...spool.system.files, write } };
  throws(() => bounceOrSetAside(system, directory, claim, 'no'), { code: 'ENOSPC' });
  claim.release(0, []);
  claims.close();
  match(spool.contents()[0] ?? '', /Subject: x\n\nbody\n,3:s@x,3:r@y,,$/);
  strictEqual(spool.names().length, 1);
});

test('setting aside says where and why', async () => {
  const { spool, claim, claims, directory } = await claimed('s@x');
  const said = setAside(spool.system, directory, claim, 'because');
  strictEqual(said, `${directory}/failed/${spool.names('failed')[0]} will not be sent: because`);
  claims.close();
});
