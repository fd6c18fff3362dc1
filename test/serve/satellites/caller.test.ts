import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { type Caller, identify } from '../../../src/serve/satellites/caller.ts';
import type { EnrolRequest } from '../../../src/serve/satellites/requests.ts';
import { parseSatelliteFile } from '../../../src/serve/satellites/satellite-file.ts';
import { expiredIdentity, fingerprintOf, identityOf } from '../../support/identity.ts';

const box = await identityOf('Box.Example');

/** Who it is, when it shows this and this file is there. */
function met(identity: string | undefined, file: string | undefined, protocol: string | false = 'qmqp/1') {
  const noted: EnrolRequest[] = [];
  const satellite = file === undefined ? undefined : { name: 'box', policy: parseSatelliteFile(file) };
  const socket: Parameters<typeof identify>[0] = Object.assign(Object.create(null), {
    alpnProtocol: protocol,
    remoteAddress: '::ffff:192.0.2.1',
    getPeerX509Certificate: () => (identity === undefined ? undefined : new X509Certificate(identity)),
  });
  const caller: Caller = identify(socket, {
    register: { find: () => satellite },
    now: Date.now,
    note(request) {
      noted.push(request);
      return noted.length < 2;
    },
  });
  return { caller, noted };
}

test('a satellite is called by its name', () => {
  const { caller } = met(box, '');
  deepStrictEqual([caller.peer, caller.ip, caller.satellite?.name], ['box', '192.0.2.1', 'box']);
});

test('a program that tunnels for a satellite may name no protocol', () => {
  strictEqual(met(box, '', false).caller.peer, 'box');
});

test('a stranger is called by its address, and is noted under the name that it claims', () => {
  const { caller, noted } = met(box, undefined);
  strictEqual(caller.peer, '192.0.2.1');
  match(caller.refusal?.text ?? '', /^this hub does not know the key sha256:/);
  strictEqual(caller.refusal?.verdict, 'Z');
  const [request] = noted;
  deepStrictEqual([request?.fingerprint, request?.name], [fingerprintOf(box), 'box.example']);
});

test('no key, another protocol, a revoked key and an expired certificate', async () => {
  const said = (meeting: ReturnType<typeof met>) => meeting.caller.refusal?.text;
  strictEqual(said(met(undefined, '')), 'a satellite is known by its key, and none was shown (#4.7.0)');
  strictEqual(said(met(box, '', 'h2')), 'this port is for qmqp/1 in TLS (#4.7.0)');
  strictEqual(said(met(box, 'revoked')), 'the key of box is revoked (#4.7.0)');
  match(said(met(await expiredIdentity('box'), '')) ?? '', /^the certificate of box has expired: Jan {2}2/);
});
