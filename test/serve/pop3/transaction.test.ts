import { deepStrictEqual, match, ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Maildrop } from '../../../src/serve/pop3/index.ts';
import { createTransaction } from '../../../src/serve/pop3/transaction.ts';
import { bytesOf, SystemError, textOf } from '../../../src/system/index.ts';

function dropOf(
  ...texts: readonly string[]
): Maildrop & { readonly committed: () => readonly number[] | undefined } {
  let committed: readonly number[] | undefined;
  return {
    count: texts.length,
    octets: (number) => (texts[number] ?? '').length,
    uniqueId: (number) => `id${number}`,
    *read(number) {
      const text = texts[number] ?? '';
      if (text === 'gone') throw new SystemError('ENOENT', 'gone');
      if (text === 'locked') throw new SystemError('EACCES', 'locked');
      for (let at = 0; at < text.length; at += 4) {
        yield bytesOf(text.slice(at, at + 4));
        if (text.startsWith('torn')) throw new SystemError('EIO', 'torn');
      }
    },
    commit(removed) {
      committed = [...removed].sort();
      return !texts.includes('locked');
    },
    committed: () => committed,
  };
}

function session(drop: Maildrop) {
  const transaction = createTransaction(drop);
  const say = (line: string) => {
    let text = '';
    for (const piece of transaction.answer(line)) text += textOf(piece);
    return text;
  };
  return { transaction, say };
}

const texts = ['A: b\n\none\n.two\n', 'A: c\n\nthree', 'x\n'];

test('STAT, LIST and UIDL know what is deleted, and RSET takes it back', () => {
  const { say } = session(dropOf(...texts));
  strictEqual(say('STAT'), '+OK 3 28\r\n');
  strictEqual(say('LIST'), '+OK \r\n1 15\r\n2 11\r\n3 2\r\n.\r\n');
  strictEqual(say('UIDL'), '+OK \r\n1 id0\r\n2 id1\r\n3 id2\r\n.\r\n');
  strictEqual(say('DELE 2'), '+OK \r\n');
  strictEqual(say('STAT'), '+OK 2 17\r\n');
  strictEqual(say('LIST'), '+OK \r\n1 15\r\n3 2\r\n.\r\n');
  strictEqual(say('LIST 3'), '+OK 3 2\r\n');
  strictEqual(say('UIDL 3'), '+OK 3 id2\r\n');
  for (const command of ['LIST 2', 'UIDL 2', 'RETR 2', 'TOP 2 0', 'DELE 2'])
    match(say(command), /^-ERR that message is deleted\r\n$/);
  strictEqual(say('RSET'), '+OK \r\n');
  strictEqual(say('STAT'), '+OK 3 28\r\n');
});

test('RETR and TOP', () => {
  const { say } = session(dropOf(...texts, ''));
  strictEqual(say('RETR 1'), '+OK \r\nA: b\r\n\r\none\r\n..two\r\n.\r\n');
  strictEqual(say('RETR 2'), '+OK \r\nA: c\r\n\r\nthree\r\n.\r\n');
  strictEqual(say('TOP 1 0'), '+OK \r\nA: b\r\n\r\n.\r\n');
  strictEqual(say('TOP 1 1'), '+OK \r\nA: b\r\n\r\none\r\n.\r\n');
  strictEqual(say('TOP 1'), say('RETR 1'));
  strictEqual(say('TOP 1 99'), say('RETR 1'));
  strictEqual(say('RETR 4'), '+OK \r\n.\r\n');
});

test('LAST is the highest message that was asked for', () => {
  const { say } = session(dropOf(...texts));
  strictEqual(say('LAST'), '+OK 0\r\n');
  say('RETR 2');
  say('RETR 1');
  strictEqual(say('LAST'), '+OK 2\r\n');
  say('DELE 3');
  strictEqual(say('LAST'), '+OK 3\r\n');
  say('RSET');
  strictEqual(say('LAST'), '+OK 0\r\n');
});

test('arguments that are no messages', () => {
  const { say, transaction } = session(dropOf(...texts));
  for (const argument of ['0', '4', '99999999999', 'x', '-1', '1x', '1 2', ''])
    for (const keyword of ['RETR', 'DELE', 'TOP']) {
      if (keyword === 'TOP' && argument === '1 2') continue;
      match(say(`${keyword} ${argument}`), /^-ERR /, `${keyword} ${argument}`);
    }
  strictEqual(transaction.errors, 23);
  for (const command of ['', 'XYZZY', 'USER joe', 'PASS x', 'STLS', ' STAT']) match(say(command), /^-ERR /);
  strictEqual(say('NOOP'), '+OK \r\n');
});

test('CAPA', () => {
  const { say } = session(dropOf());
  const lines = say('CAPA').split('\r\n');
  deepStrictEqual([lines[0], lines.at(-2), lines.at(-1)], ['+OK ', '.', '']);
  for (const one of ['TOP', 'UIDL', 'RESP-CODES', 'PIPELINING']) ok(lines.includes(one), one);
});

test('QUIT commits, and what it could not do is said', () => {
  const drop = dropOf(...texts);
  const one = session(drop);
  one.say('DELE 3');
  one.say('DELE 1');
  strictEqual(drop.committed(), undefined);
  strictEqual(one.say('QUIT'), '+OK \r\n');
  deepStrictEqual(drop.committed(), [0, 2]);
  ok(one.transaction.ended);
  match(session(dropOf('locked')).say('QUIT'), /^-ERR \[SYS\/TEMP\]/);
});

test('a message that cannot be had, and one that breaks off', () => {
  const { say } = session(dropOf('gone', 'locked', 'torn in the middle'));
  match(say('RETR 1'), /^-ERR that message is there no more\r\n$/);
  match(say('RETR 2'), /^-ERR \[SYS\/TEMP\] that message cannot be read\r\n$/);
  throws(() => say('RETR 3'), { code: 'EIO' });
});

test('a long listing comes in pieces of a fair size', () => {
  const { transaction } = session(dropOf(...Array.from({ length: 10_000 }, () => 'x\n')));
  let bytes = 0;
  for (const piece of transaction.answer('LIST')) {
    ok(piece.length < 20_000);
    bytes += piece.length;
  }
  ok(bytes > 60_000);
});

test('whatever is said, each command has one answer', () => {
  const word = fc.constantFrom(
    'stat',
    'LIST',
    'uidl',
    'RETR',
    'top',
    'dele',
    'RSET',
    'last',
    'noop',
    'capa',
    '',
    'x',
  );
  const argument = fc.constantFrom('', ' 1', ' 2', ' 3', ' 0', ' 9', ' x', '  1 1', ' 1 x', ' \0', '\t1');
  fc.assert(
    fc.property(fc.array(fc.tuple(word, argument), { maxLength: 30 }), (commands) => {
      const { say } = session(dropOf(...texts));
      for (const [keyword, rest] of commands) {
        const text = say(keyword + rest);
        ok(text.startsWith('+OK ') || text.startsWith('-ERR '), text);
        ok(text.endsWith('\r\n'), text);
        const single = text.indexOf('\r\n') === text.length - 2;
        ok(single || text.endsWith('\r\n.\r\n'), text);
      }
    }),
  );
});
