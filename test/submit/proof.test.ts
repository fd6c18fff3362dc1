import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { ownerOfProof, proofDirectoryMode, proofMode } from '../../src/submit/index.ts';

const proof = { kind: 'file', links: 1, sizeBytes: 0, mode: 0o400, uid: 1234 } as const;

test('the owner of an empty private file is who calls', () => {
  strictEqual(ownerOfProof(proof), 1234);
  strictEqual(ownerOfProof({ ...proof, mode: 0 }), 1234);
});

test('what may be another user’s file proves nothing', () => {
  const others = [
    { kind: 'other' },
    { kind: 'directory' },
    { links: 2 },
    { links: 0 },
    { sizeBytes: 1 },
    { mode: 0o600 },
    { mode: 0o444 },
    { mode: 0o4400 },
  ] as const;
  for (const other of others) throws(() => ownerOfProof({ ...proof, ...other }), /no file of its own/);
});

test('in the directory of proofs nobody but its owner can see or remove what is not theirs', () => {
  strictEqual(proofDirectoryMode & 0o1000, 0o1000);
  strictEqual(proofDirectoryMode & 0o044, 0);
  strictEqual(proofMode, 0o400);
});
