/** Root's mail in a spool whose flush runs as another user: that one can read, change and remove all of it. */
import { deepStrictEqual, notStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { chownSync, closeSync, openSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { formatPackage } from '../../qmqp/index.ts';
import { openClaims } from '../../src/satellite/claims.ts';
import { openHubRest } from '../../src/satellite/hub-rest.ts';
import { keepPackage } from '../../src/satellite/keep.ts';
import { giveToOwner, otherOwner } from '../../src/satellite/spool-owner.ts';
import { makeSpool, spoolPaths } from '../../src/satellite/spool-paths.ts';
import { addToTally, readTally } from '../../src/satellite/tally.ts';
import { bytesOf, type Files, type System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const system = nodeSystem([]);
const skip = system.uid !== 0 && 'needs root';
const nobody = 65_534;

const never: Pick<Files, 'setOwner'> = {
  setOwner() {
    throw new Error('nothing is to be given');
  },
};

function spoolOf(uid: number): string {
  const directory = temporaryDirectory();
  if (uid !== system.uid) chownSync(directory, uid, uid);
  return directory;
}

function ownersBelow(directory: string): readonly number[] {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return [...new Set(paths.map((path) => statSync(`${directory}/${path}`).uid))];
}

function keep(in_: System, directory: string): void {
  const limits = { bytesMax: 1e6, messagesMax: 9, freeBytes: 0, lifetimeMs: 1000, patienceMs: 1000 };
  const message = { sizeBytes: 1, chunks: () => [bytesOf('x')] };
  keepPackage(in_, { directory, ...limits }, formatPackage(message, { sender: '', recipients: ['r@y'] }));
}

test("what root makes in another's spool belongs to that one", { skip }, () => {
  const directory = spoolOf(nobody);
  keep(system, directory);
  keep(system, directory);
  const { queue, hubs } = spoolPaths(directory);
  openHubRest(system, hubs, false).note([
    { hub: 'hub', place: '192.0.2.1:628', outcome: { kind: 'connect-timeout', text: '' } },
  ]);
  const claims = openClaims(system, queue);
  strictEqual(readdirSync(directory, { recursive: true }).length, 10);
  deepStrictEqual(ownersBelow(directory), [nobody]);
  claims.close();
});

test("what waits in another's spool is counted by root when it must be, and never added to a file", {
  skip,
}, () => {
  const directory = spoolOf(nobody);
  makeSpool(system, directory);
  symlinkSync('/nonexistent/file', `${directory}/tally/messages`);
  addToTally(system, directory, 1);
  strictEqual(readTally(system, directory), undefined);
  keep(system, directory);
  deepStrictEqual(readTally(system, directory), { messages: 0, bytes: 0 });
  deepStrictEqual(ownersBelow(directory), [nobody]);
});

test('a link in the place of a directory that was just made is not followed', { skip }, () => {
  const directory = spoolOf(nobody);
  const files = {
    ...system.files,
    ...never,
    makeDirectory: (path: string) => symlinkSync('/etc', path),
  };
  throws(() => makeSpool({ ...system, files }, directory), { code: 'ELOOP' });
});

test('in a spool of its own nobody gives anything', () => {
  const own = { ...system, files: { ...system.files, ...never } };
  keep(own, spoolOf(system.uid));
  strictEqual(otherOwner(own, temporaryDirectory()), undefined);
});

test('who is not root cannot, and does not try', () => {
  const user = { ...system, uid: 1000, files: { ...system.files, ...never } };
  const directory = spoolOf(skip === false ? nobody : system.uid);
  strictEqual(otherOwner(user, directory), undefined);
  const descriptor = openSync('/dev/null', 'r');
  giveToOwner(user, descriptor, directory);
  closeSync(descriptor);
  notStrictEqual(statSync('/dev/null').uid, nobody);
});
