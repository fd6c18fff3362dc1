import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { checkedTogetherMax, createSpawner, type Identity, type WorkerPool } from '../../src/local/index.ts';
import { createUsers, type Users } from '../../src/local/users/index.ts';
import { checkJobFields, parseWorkerJob, spawnJobFields, type WorkerJob } from '../../src/spawn/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { account, accountsOf, owners, usersHome } from '../support/users.ts';

interface Asked {
  readonly identity: Pick<Identity, 'user' | 'uid' | 'gid'>;
  readonly job: WorkerJob | undefined;
}

function spawner(): {
  carryOut(recipient: string): Promise<Answer>;
  check(recipient: string): Promise<Answer>;
  readonly asked: readonly Asked[];
} {
  const asked: Asked[] = [];
  const workers: WorkerPool = {
    size: 0,
    async deliver({ user, uid, gid }, fields) {
      asked.push({ identity: { user, uid, gid }, job: parseWorkerJob(fields) });
      return { verdict: 'K', text: 'delivered\n' };
    },
    close: async () => undefined,
  };
  const users = createUsers({
    home: usersHome(),
    accounts: accountsOf(
      account('joe', 503),
      account('root', 0),
      account('alias', 7790, { home: '/var/qmail/alias' }),
      account('locked', 505),
    ),
    ownerOf: owners({ '/home/joe': 503, '/home/root': 0, '/home/locked': 'EIO' }),
  });
  const carryOut = createSpawner({ users, workers });
  return {
    asked,
    check: (recipient) => carryOut(checkJobFields(recipient)),
    carryOut: (recipient) =>
      carryOut(spawnJobFields({ message: '1', token: 't0ken', sizeBytes: 12, sender: 's@x', recipient })),
  };
}

const delivered: Answer = { verdict: 'K', text: 'delivered\n' };

test('the user’s worker gets all that a delivery needs', async () => {
  const { carryOut, asked } = spawner();
  deepStrictEqual(await carryOut('Joe-List-x@Hub.Test'), delivered);
  const [{ identity, job } = {}] = asked;
  deepStrictEqual(identity, { user: 'joe', uid: 503, gid: 503 });
  strictEqual(job?.token, 't0ken');
  strictEqual(job?.sizeBytes, 12);
  strictEqual(job?.sender, 's@x');
  deepStrictEqual(
    [job?.user, job?.home, job?.local, job?.domain, job?.dash],
    ['joe', '/home/joe', 'Joe-List-x', 'Hub.Test', '-'],
  );
  strictEqual(job?.extension.toLowerCase(), 'list-x');
});

test('whether there is a recipient is told without a worker', async () => {
  const { check, asked } = spawner();
  const verdicts = [
    await check('joe@hub.test'),
    await check('joe-x@hub.test'),
    await check('locked@hub.test'),
  ];
  deepStrictEqual(
    verdicts.map(({ verdict }) => verdict),
    ['K', 'D', 'Z'],
  );
  deepStrictEqual(asked, []);
});

test('a delivery does not wait behind addresses that clients name', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const asked: string[] = [];
  const users: Users = {
    async find(local) {
      asked.push(local);
      if (local !== 'joe') await promise;
      return { ok: false, trouble: 'accounts', answer: { verdict: 'Z', text: 'later' } };
    },
    close() {},
  };
  const carryOut = createSpawner({ users, workers: {} as WorkerPool });
  const checks = Array.from({ length: 50 }, (_, index) => carryOut(checkJobFields(`nobody${index}@x`)));
  const job = { message: '1', token: 't0ken', sizeBytes: 12, sender: 's@x', recipient: 'joe@x' };
  strictEqual((await carryOut(spawnJobFields(job))).text, 'later');
  strictEqual(asked.length, checkedTogetherMax + 1);
  resolve(undefined);
  strictEqual((await Promise.all(checks)).length, 50);
});

test('the last @ counts', async () => {
  const { carryOut, asked } = spawner();
  await carryOut('joe-a@b@hub.test');
  deepStrictEqual([asked[0]?.job?.local, asked[0]?.job?.domain], ['joe-a@b', 'hub.test']);
});

test('what is nobody’s, and what is root’s, goes to the alias user', async () => {
  const { carryOut, asked } = spawner();
  for (const local of ['nobody-knows', 'root', 'Root', 'root-x']) {
    deepStrictEqual(await carryOut(`${local}@hub.test`), delivered);
    strictEqual(asked.at(-1)?.identity.uid, 7790, local);
  }
});

test('an address without a host is refused, and one whose user cannot be looked up deferred: no worker hears of it', async () => {
  const { carryOut, asked } = spawner();
  deepStrictEqual(await carryOut('joe'), {
    verdict: 'D',
    text: 'Sorry, address must include host name. (#5.1.3)\n',
  });
  strictEqual((await carryOut('@hub.test')).verdict, 'D');
  strictEqual((await carryOut(`${'x'.repeat(3000)}@hub.test`)).verdict, 'D');
  strictEqual((await carryOut('locked@hub.test')).verdict, 'Z');
  deepStrictEqual(asked, []);
});

test('what is no job is an error', async () => {
  const { workers, users } = {
    workers: {} as WorkerPool,
    users: createUsers({ home: usersHome(), accounts: accountsOf() }),
  };
  await rejects(createSpawner({ users, workers })(['x', 'y']), {
    message: 'qmail-send asked for no delivery',
  });
});
