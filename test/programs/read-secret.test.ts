import { strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSecret } from '../../src/programs/read-secret.ts';
import { bytesOf, type System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { needs } from '../support/foreign.ts';
import { temporaryHome } from '../support/home.ts';

const real = nodeSystem([]);

function reading(text: string): System {
  const input = bytesOf(text);
  let position = 0;
  return {
    ...real,
    files: {
      ...real.files,
      isTerminal: () => false,
      read(_, into) {
        const piece = input.subarray(position, position + into.length);
        into.set(piece);
        position += piece.length;
        return piece.length;
      },
    },
  };
}

test('the first line, with a line end or without', () => {
  strictEqual(readSecret(reading('a word\nmore\n'), '', 10), 'a word');
  strictEqual(readSecret(reading('a word'), '', 10), 'a word');
  strictEqual(readSecret(reading('\n'), '', 10), '');
  strictEqual(readSecret(reading(''), '', 10), undefined);
  strictEqual(readSecret(reading(`${'x'.repeat(10)}\n`), '', 10), 'x'.repeat(10));
  strictEqual(readSecret(reading(`${'x'.repeat(11)}\n`), '', 10), undefined);
});

test('a terminal asks, and does not show what is typed', needs('script'), async () => {
  const home = temporaryHome();
  mkdirSync(`${home}/users`);
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const command = `${process.execPath} ${main} qmail-poppasswd joe; ${process.execPath} ${main} qmail-poppasswd --list; stty -a`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env['PATH'], QMAILHOME: home, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    if (!output.includes('for joe: ') && (output + text).includes('for joe: '))
      child.stdin.write('secret word\n');
    output += text;
  });
  await new Promise((resolve) => child.once('close', resolve));
  strictEqual(output.includes('\r\njoe\r\n'), true, output);
  // The terminal shows again what is typed.
  strictEqual(/[^-]echo[ ;]/.test(output), true, output);
});
