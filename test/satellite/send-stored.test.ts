import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openClaims } from '../../src/satellite/claims.ts';
import { openHubRest } from '../../src/satellite/hub-rest.ts';
import { createSender } from '../../src/satellite/send-stored.ts';
import { openQmqpRoute } from '../../src/submit/index.ts';
import { type Files, SystemError } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { answering, type Script, scriptedHub } from '../support/scripted-hub.ts';
import { testSpool } from '../support/spool.ts';

async function sending(script: Script, own: Partial<Files> = {}) {
  const hub = await scriptedHub(script);
  const spool = testSpool([hub.text]);
  spool.keep('1');
  const { directory } = spool.settings;
  const claims = openClaims(spool.system, `${directory}/queue`);
  const system = { ...spool.system, files: { ...spool.system.files, ...own } };
  const [claim] = (await claims.claim(spool.names().slice(0, 1), [])).map(claims.open);
  const route = openQmqpRoute(system);
  ok(claim !== undefined && route.ok);
  const rest = openHubRest(system, `${directory}/hubs`, false);
  const sender = createSender(system, spool.settings, route, rest);
  return { hub, spool, claims, claim, sender };
}

test('before the first byte goes out, its name says where to', async () => {
  let seen: readonly string[] = [];
  let look = () => [] as readonly string[];
  const { hub, spool, claim, sender } = await sending(async (connection) => {
    await connection.bytes(1);
    seen = look();
    connection.send('3:Kok,');
    connection.close();
  });
  look = () => spool.entries()[0]?.unknownAt ?? [];
  await sender.send(claim);
  await sender.settle();
  deepStrictEqual(seen, [hub.text]);
  deepStrictEqual([sender.counts().sent, sender.likelyPlaces(), sender.tried], [1, [hub.text], 1]);
});

test('a file that is not whole is set aside', async () => {
  for (const text of ['nonsense', '19:4:bo', '19:4:body,3:s@x,3:r@y;,']) {
    const { spool, claim, sender } = await sending(answering('3:Dno,'));
    writeFileSync(claim.path(), text);
    await sender.send(claim);
    strictEqual(spool.names('failed').length, 1, text);
    match(sender.problems[0] ?? '', /failed\/.*: (it is damaged|its envelope)/);
    strictEqual(sender.counts().failed, 1);
  }
});

test('what cannot be read for a while is whole for all that is known, and waits', async () => {
  let isBroken = false;
  const { files } = nodeSystem([]);
  const open: Files['open'] = (path, how, mode) => {
    if (isBroken && path.includes('/queue/')) throw new SystemError('EMFILE', 'no descriptor is free');
    return files.open(path, how, mode);
  };
  const readAt: Files['readAt'] = (descriptor, into, offset) => {
    if (isBroken) throw new SystemError('EIO', 'the disk fails');
    return files.readAt(descriptor, into, offset);
  };
  for (const failing of [{ open }, { readAt }]) {
    const { spool, claims, claim, sender } = await sending(answering('3:Kok,'), failing);
    const path = claim.path();
    isBroken = true;
    await sender.send(claim);
    isBroken = false;
    claims.close();
    deepStrictEqual([spool.names('failed'), sender.counts().failed, sender.putOff.size], [[], 0, 1]);
    const said = `${path} waits for the next flush: ${'open' in failing ? 'no descriptor is free' : 'the disk fails'}`;
    deepStrictEqual(sender.problems, [said]);
    strictEqual(spool.entries()[0]?.claim, undefined);
    strictEqual((await spool.flush()).sent, 1);
  }
});

test('a file that somebody has taken away is no problem', async () => {
  const { claim, sender } = await sending(answering('3:Kok,'));
  unlinkSync(claim.path());
  await sender.send(claim);
  deepStrictEqual([sender.problems, sender.counts().sent], [[], 0]);
});

test('when the disk fails behind K, the name still says which hub has it', async () => {
  const unlinkAside = () => Promise.reject(new SystemError('EIO', 'input/output error'));
  const { hub, spool, claims, sender } = await sending(answering('3:Kok,'), { unlinkAside });
  const [flush = ''] = spool.entries().map((entry) => entry.claim ?? '');
  const broken = { ...spool.system, files: { ...spool.system.files, unlinkAside } };
  const own = openClaims(broken, `${spool.settings.directory}/queue`);
  claims.close();
  const names = readdirSync(`${spool.settings.directory}/queue`).filter((name) => name.includes(flush));
  const [claim] = (await own.claim(names, [])).map(own.open);
  ok(claim !== undefined);
  await sender.send(claim);
  await sender.settle();
  strictEqual(sender.counts().sent, 0);
  match(sender.problems[0] ?? '', /input\/output error$/);
  deepStrictEqual(spool.entries()[0]?.unknownAt, [hub.text]);
});

test('another pass begins anew', async () => {
  const { claim, sender } = await sending(answering('5:Zbusy,'));
  await sender.send(claim);
  strictEqual(sender.putOff.size, 1);
  match(sender.lastAnswer ?? '', /busy$/);
  sender.startAgain();
  deepStrictEqual([sender.putOff.size, sender.isHalted, sender.isFull], [0, false, false]);
});
