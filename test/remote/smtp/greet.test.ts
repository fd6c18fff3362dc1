import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Demands } from '../../../src/remote/index.ts';
import { BrokenOff } from '../../../src/remote/smtp/conversation.ts';
import { type Greeted, greet } from '../../../src/remote/smtp/greet.ts';
import { type Conversed, type ConverseOptions, converse } from '../../support/converse.ts';
import { everyText } from '../../support/every-text.ts';

const plain: Demands = { tls: 'may', implicitTls: false, login: undefined };

function run(
  turns: readonly string[],
  demands: Partial<Demands> = {},
  options: ConverseOptions = {},
): Conversed<Greeted> {
  const conversation = greet({ ownName: 'me.test', peer: '192.0.2.1', demands: { ...plain, ...demands } });
  return converse(conversation, turns, { ...options, greets: true });
}

function textOf({ result }: Conversed<Greeted>): string {
  return result.ok ? '' : result.text;
}

const hello = '220 hi\r\n';
const offers = '250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n';

test('EHLO, and what the server can', () => {
  const { result, said } = run([hello, '250-mx\r\n250 PIPELINING\r\n']);
  ok(result.ok && result.capabilities.pipelining);
  strictEqual(said, 'EHLO me.test\r\n');
});

test('a server that does not know EHLO is told HELO', () => {
  const { result, said } = run([hello, '500 what\r\n', '250 ok\r\n']);
  ok(result.ok && !result.capabilities.pipelining);
  strictEqual(said, 'EHLO me.test\r\nHELO me.test\r\n');
});

test('a greeting that is none, and a name that is refused, end it', () => {
  for (const greeting of ['421 busy\r\n', '554 no\r\n', '250 odd\r\n']) {
    match(
      textOf(run([greeting])),
      /^Connected to 192\.0\.2\.1 but greeting failed\.\nRemote host said: \d+ \w+\n$/,
    );
  }
  match(
    textOf(run([hello, '550 no\r\n', '550 no, too\r\n'])),
    /my name was rejected\.\nRemote host said: 550 no, too/,
  );
  const busy = run([hello, '451 later\r\n']);
  match(textOf(busy), /my name was rejected/);
  strictEqual(busy.said, 'EHLO me.test\r\n');
});

test('TLS is begun where it is offered, and everything before it is forgotten', () => {
  const { result, said } = run([hello, offers, '220 go\r\n', '250 mx\r\n']);
  strictEqual(said, 'EHLO me.test\r\nSTARTTLS\r\n(TLS)EHLO me.test\r\n');
  ok(result.ok && !result.capabilities.pipelining);
});

test('STARTTLS injection (CVE-2011-0411): replies that came with the answer to STARTTLS count for nothing', () => {
  const injected = '220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n235 welcome\r\n';
  const { result } = run([hello, offers, injected, '250 mx\r\n']);
  ok(result.ok && result.capabilities.auth.size === 0);
});

test('replies before they are asked for break the conversation', () => {
  for (const turns of [[`${hello}250 mx\r\n`], [hello, `${offers}220 go\r\n`]]) {
    try {
      run([...turns, '250 mx\r\n']);
      throw new Error('it went on');
    } catch (error) {
      ok(error instanceof BrokenOff);
      match(error.message, /not asked/);
    }
  }
});

test('without TLS goes on who may, and nobody else', () => {
  const none = [hello, '250 mx\r\n'];
  ok(run(none).result.ok);
  ok(run([hello, offers, '454 not now\r\n']).result.ok);
  ok(run([hello, offers], { tls: 'no' }).result.ok);
  for (const tls of ['must', 'verify'] as const) {
    match(
      textOf(run(none, { tls })),
      /TLS, which is required, failed\. \(#4\.7\.0\)\nIt does not offer STARTTLS/,
    );
    match(textOf(run([hello, offers, '454 not now\r\n'], { tls })), /required.*\nRemote host said: 454/);
  }
});

test('in TLS from the first byte on STARTTLS is not said', () => {
  ok(run([hello, offers], { tls: 'verify', implicitTls: true }).result.ok);
});

test('a handshake that fails breaks off', () => {
  try {
    run([hello, offers, '220 go\r\n'], {}, { tlsFails: 'no cipher' });
    throw new Error('it went on');
  } catch (error) {
    ok(error instanceof BrokenOff && error.inTls);
  }
});

const login = { user: 'me', password: 'secret' };

test('AUTH PLAIN before LOGIN', () => {
  const offer = '250-mx\r\n250 AUTH LOGIN PLAIN\r\n';
  const { result, said } = run([hello, offer, '235 ok\r\n'], { tls: 'no', login });
  ok(result.ok);
  const secret = Buffer.from('\0me\0secret').toString('base64');
  strictEqual(said, `EHLO me.test\r\nAUTH PLAIN ${secret}\r\n`);
});

test('AUTH LOGIN', () => {
  const turns = [hello, '250-mx\r\n250 AUTH LOGIN\r\n', '334 VXNl\r\n', '334 UGFz\r\n', '235 ok\r\n'];
  const { result, said } = run(turns, { tls: 'no', login });
  ok(result.ok);
  strictEqual(said, 'EHLO me.test\r\nAUTH LOGIN\r\nbWU=\r\nc2VjcmV0\r\n');
});

test('a login that fails, or cannot be, ends it for now, and no password is in the text', () => {
  const refused = run([hello, '250-mx\r\n250 AUTH PLAIN\r\n', '535 bad\r\n'], { tls: 'no', login });
  const cannot = run([hello, '250-mx\r\n250 AUTH GSSAPI\r\n'], { tls: 'no', login });
  const half = run([hello, '250-mx\r\n250 AUTH LOGIN\r\n', '535 no\r\n'], { tls: 'no', login });
  for (const one of [refused, cannot, half]) {
    match(textOf(one), /could not log in\. \(#4\.7\.8\)/);
    ok(!textOf(one).includes('secret'));
  }
});

test('the password is not said in plain text when TLS is asked for and not offered', () => {
  const { said } = run([hello, '250-mx\r\n250 AUTH PLAIN\r\n'], { tls: 'verify', login });
  ok(!said.includes('AUTH'));
});

test('however its bytes are cut, a conversation is the same', () => {
  const turns = [
    hello,
    '250-mx\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n',
    '220 go\r\n',
    '250-mx\r\n250 AUTH PLAIN\r\n',
    '235 ok\r\n',
  ];
  const once = run(turns, { login });
  for (let at = 1; at < 40; at += 1) {
    deepStrictEqual(run(turns, { login }, { cut: (turn) => [turn.slice(0, at), turn.slice(at)] }), once);
  }
  deepStrictEqual(run(turns, { login }, { cut: (turn) => [...turn] }), once);
});

test('every short answer to EHLO ends in one way or another', () => {
  for (const text of everyText('25- \n')) {
    try {
      const { said } = run([hello, `250${text}\r\n`, '250 ok\r\n', '250 ok\r\n']);
      match(said, /^EHLO me\.test\r\n(?:HELO me\.test\r\n)?$/);
    } catch (error) {
      ok(error instanceof BrokenOff);
    }
  }
});
