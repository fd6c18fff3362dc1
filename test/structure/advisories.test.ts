/** What has gone wrong in other mail systems, and the test here that is named after it. */
import { deepStrictEqual } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { textOfFile } from '../support/sources.ts';
import { top } from '../support/top.ts';

/** Words in the name of a test, and the files under test/ that have such a test. */
const advisories: Readonly<Record<string, readonly string[]>> = {
  'CVE-2005-1513': ['local/header-line', 'serve/smtp/advisories'],
  'CVE-2005-1514': ['qmtp/request-parser', 'serve/smtp/advisories'],
  'CVE-2005-1515': ['serve/smtp/advisories'],
  '2020 exploit of qmail-local': ['local/header-line'],
  'recipients and messages without limits': ['serve/smtp/advisories'],
  'CVE-2023-51764': ['serve/smtp/advisories', 'remote/wire-text'],
  'CVE-2020-7247': ['serve/smtp/advisories'],
  'CVE-2020-8794': ['remote/smtp/reply-reader', 'remote/qmtp/open-qmtp', 'remote/masquerade'],
  'addresses that begin with - read as options': ['remote/remote-spawner'],
  Shellshock: ['serve/smtp/advisories', 'local/program-environment'],
  'CVE-2011-0411': [
    'serve/smtp/advisories',
    'serve/popup/connection',
    'remote/smtp/greet',
    'remote/smtp/open-smtp',
    'remote/smtp/reply-reader',
  ],
  'DNS answers over 512 bytes': ['dns/resolver'],
  CNAME: ['dns/resolver'],
  'CR CR LF': ['serve/smtp/advisories', 'serve/pop3/wire-encoder', 'remote/wire-text'],
  'pop3d as root': ['programs/qmail-pop3d'],
  'qmqpd length parser took non-digits': ['qmqp/netstring'],
  'bounced to a forged sender': ['serve/smtp/advisories'],
  'bounce loops': ['send/bouncer', 'remote/send-mail'],
  'silly qmail syndrome': ['send/line'],
  'rename and link taken for durable': ['local/maildir'],
  'half-written spool files seen by a reader': ['satellite/keep'],
  'lock folders left behind by a crash': ['satellite/claims'],
  'resolver failure taken for "no such domain"': ['dns/resolver'],
  'Haraka: mail sent two or three times': ['send/sender'],
};

/** The names of the tests in a file, as they stand there. */
function namesIn(file: string): readonly string[] {
  const named = /^ *(?:await context\.)?test\(\s*(?:'([^']*)'|"([^"]*)"|`([^`]*)`)/gm;
  return [...textOfFile(file).matchAll(named)].map((found) => found[1] ?? found[2] ?? found[3] ?? '');
}

test('each has its test', () => {
  const missing = Object.entries(advisories).flatMap(([what, places]) =>
    places
      .map((place) => `test/${place}.test.ts`)
      .filter((file) => !existsSync(join(top, file)) || !namesIn(file).some((name) => name.includes(what)))
      .map((file) => `${what}: ${file}`),
  );
  deepStrictEqual(missing, []);
});
