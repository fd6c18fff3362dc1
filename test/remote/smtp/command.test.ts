import { ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canBeSaid, mailCommand, needsUtf8, recipientCommand } from '../../../src/remote/smtp/command.ts';
import { everyText } from '../../support/every-text.ts';

const plain = { sizeBytes: undefined, eightBit: false, utf8: false };

test('addresses are quoted where they must be, and parameters follow', () => {
  strictEqual(mailCommand('', plain), 'MAIL FROM:<>');
  strictEqual(mailCommand('a b@x.y', plain), 'MAIL FROM:<"a b"@x.y>');
  const all = { sizeBytes: 12, eightBit: true, utf8: true };
  strictEqual(mailCommand('s@x.y', all), 'MAIL FROM:<s@x.y> SIZE=12 BODY=8BITMIME SMTPUTF8');
  strictEqual(recipientCommand('a>b@x.y'), 'RCPT TO:<"a>b"@x.y>');
});

test('what would end a command or its path cannot be said', () => {
  for (const address of [
    '',
    'a@b',
    'a',
    '"@b',
    'a b@c',
    'a>b@c',
    'a@[192.0.2.1]',
    'a@[IPv6:2001:db8::1]',
    '\xe9@b',
  ]) {
    ok(canBeSaid(address), address);
  }
  for (const address of [
    'a@b\r\nDATA',
    'a\nb@c',
    'a\0@b',
    'a@b> SIZE=1',
    'a@b c',
    'a@',
    'a@[',
    'a@[]',
    'a@b,c',
    'a@b:c',
    'a@[1:2',
    'a\x7f@b',
  ]) {
    ok(!canBeSaid(address), address);
  }
});

test('bytes over 127 need SMTPUTF8', () => {
  ok(needsUtf8('caf\xc3\xa9@b'));
  ok(!needsUtf8('cafe@b'));
});

/** How a server reads the path of a command to its end. */
function pathOf(command: string): { readonly path: string; readonly rest: string } | undefined {
  let quoted = false;
  for (let index = command.indexOf('<') + 1; index < command.length; index += 1) {
    const char = command[index];
    if (quoted && char === '\\') index += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === '>' && !quoted)
      return { path: command.slice(0, index), rest: command.slice(index + 1) };
  }
  return undefined;
}

test('every address that can be said is all of its path, in one line', () => {
  for (const address of everyText('a@"\\>< \n')) {
    if (!canBeSaid(address)) continue;
    const command = recipientCommand(address);
    ok(!command.includes('\n') && !command.includes('\r'), JSON.stringify(address));
    strictEqual(pathOf(command)?.rest, '', JSON.stringify(address));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const address = Buffer.from(bytes).toString('latin1');
      if (canBeSaid(address)) strictEqual(pathOf(recipientCommand(address))?.rest, '');
    }),
  );
});
