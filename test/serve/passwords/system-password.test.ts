import { ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { isSystemPassword } from '../../../src/serve/passwords/system-password.ts';
import { needs } from '../../support/foreign.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { script } from '../../support/script.ts';

// Of "secret word": SHA-512 and yescrypt of crypt(5).
const sha512 =
  '$6$saltsalt$Gbd7qCDlJSddZ9S5ri9ajiQJKxrbcZm6VQVUgvH3MPS64F04DY8tRDK9uBQT/2Mr1LV40gv.JBbSMCRKp6QE21';
const yescrypt = '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$zMa5Bjs1A4gujxsOoVcSW2gqW3d2Z27zEetul1pc3VA';

const { skip } = needs('perl');
const dayMs = 86_400_000;
const now = () => 20_000 * dayMs;

/** A getent that has one entry for joe. */
function getent(rest: string): string {
  return script(`[ "$1" = shadow ] && [ "$3" = joe ] && printf '%s\\n' 'joe:${rest}' || exit 2`);
}

function ask(rest: string, password = 'secret word', name = 'joe'): boolean {
  return isSystemPassword(name, password, { getent: getent(rest), now });
}

test('the password of an account', { skip }, () => {
  for (const hash of [sha512, yescrypt]) {
    ok(ask(`${hash}:19000:0:99999:7:::`));
    ok(ask(`${hash}:19000:0:99999:7::20001:`));
    for (const wrong of ['', 'secret', 'secret word ', 'secret word\0x', 'x'.repeat(500)])
      ok(!ask(`${hash}:19000:0:99999:7:::`, wrong));
  }
});

test('accounts without a password, locked, ended, or not there', { skip }, () => {
  for (const rest of [
    ':19000:0:99999:7:::',
    '!:19000:0:99999:7:::',
    '*:19000:0:99999:7:::',
    `!${sha512}:19000:0:99999:7:::`,
    `${sha512}:19000:0:99999:7::20000:`,
    `${sha512}:19000:0:99999:7::1:`,
  ]) {
    ok(!ask(rest), rest);
    ok(!ask(rest, ''), rest);
  }
  ok(!ask(`${sha512}:19000:0:99999:7:::`, 'secret word', 'jim'));
});

test('an entry of somebody else does not count', { skip }, () => {
  const other = script(`echo 'root:${sha512}:19000:0:99999:7:::'`);
  ok(!isSystemPassword('0', 'secret word', { getent: other, now }));
});

test('what cannot be known is an error', () => {
  const missing = `${temporaryDirectory()}/missing`;
  throws(() => isSystemPassword('joe', 'x', { getent: missing, now }), /missing failed/);
  throws(() => isSystemPassword('joe', 'x', { getent: script('exit 3'), now }), /exit code 3/);
  const entry = getent(`${sha512}:19000:0:99999:7:::`);
  throws(() => isSystemPassword('joe', 'x', { getent: entry, perl: missing, now }), /missing failed/);
  throws(() => isSystemPassword('joe', 'x', { getent: entry, perl: script('exit 9'), now }), /exit code 9/);
  // It has ended before it was given the password, which no pipe holds whole.
  const long = 'x'.repeat(1_000_000);
  throws(
    () => isSystemPassword('joe', long, { getent: entry, perl: script('exec <&-; exit 9'), now }),
    /exit code 9/,
  );
});

test('no password is on a command line', () => {
  const directory = temporaryDirectory();
  const spy = script(`tr '\\0' ' ' </proc/$$/cmdline >${directory}/seen; cat >/dev/null; exit 1`);
  isSystemPassword('joe', 'secret word', { getent: getent(`${sha512}:19000:0:99999:7:::`), perl: spy, now });
  const seen = process.getBuiltinModule('node:fs').readFileSync(`${directory}/seen`, 'latin1');
  strictEqual(seen.includes('secret word'), false);
  strictEqual(seen.includes('$6$'), false);
});
