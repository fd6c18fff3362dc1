import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { contents, layOut, type PackageName } from '../../build/package-tree.ts';
import { filesBelow } from '../support/files-below.ts';
import { temporaryDirectory } from '../support/home.ts';

/** What a build leaves, without the hundred megabytes. */
function standIn(): string {
  const built = temporaryDirectory();
  for (const name of ['mini-qmail', 'mini-qmail-satellite', 'mini-qmail-tiny'])
    writeFileSync(join(built, name), name, { mode: 0o755 });
  for (const name of ['licenses', 'licenses-tiny']) mkdirSync(join(built, name));
  for (const name of ['mini-qmail', 'minimist', 'quickjs'])
    writeFileSync(join(built, 'licenses-tiny', name), `terms of ${name}\n`);
  for (const name of ['mini-qmail', 'minimist', 'node'])
    writeFileSync(join(built, 'licenses', name), `terms of ${name}\n`);
  return built;
}

async function laidOut(name: PackageName, forContainer = false): Promise<string> {
  const root = temporaryDirectory();
  await layOut({ name, built: standIn(), root, forContainer });
  return root;
}

test('a satellite has its programs under the names by which others call them', async () => {
  const root = await laidOut('mini-qmail-satellite');
  const target = '/usr/lib/mini-qmail/mini-qmail-satellite';
  strictEqual(readFileSync(join(root, target), 'utf8'), 'mini-qmail-satellite');
  ok((statSync(join(root, target)).mode & 0o111) !== 0);
  const links = ['usr/sbin/sendmail', 'usr/lib/sendmail', 'usr/bin/mailq', 'usr/bin/newaliases'];
  for (const path of [
    ...links,
    'usr/sbin/qmail-doctor',
    'var/qmail/bin/forward',
    'var/qmail/bin/qmail-queue',
  ]) {
    strictEqual(readlinkSync(join(root, path)), target, path);
  }
  strictEqual(readlinkSync(join(root, 'var/qmail/control')), '/etc/mini-qmail');
});

test("no setting is in a package: settings are the operator's", async () => {
  for (const name of Object.keys(contents) as PackageName[]) {
    const root = await laidOut(name);
    deepStrictEqual(filesBelow(join(root, 'etc/mini-qmail')), {});
  }
});

test('pages of programs in $PATH lie where man looks, and licenses are there', async () => {
  const root = await laidOut('mini-qmail-hub');
  const page = gunzipSync(readFileSync(join(root, 'usr/share/man/man8/qmail-start.8.gz')));
  ok(page.toString('latin1').includes('.TH QMAIL-START 8'));
  ok(statSync(join(root, 'var/qmail/man/man1/forward.1.gz')).isFile());
  const terms = readFileSync(join(root, 'usr/share/doc/mini-qmail-hub/copyright'), 'utf8');
  for (const name of ['mini-qmail', 'minimist', 'node']) ok(terms.includes(`terms of ${name}`));
  ok((statSync(join(root, 'usr/share/mini-qmail/rc')).mode & 0o111) !== 0);
});

test('services are for the root and the spool of the package, and not for a container', async () => {
  const unit = 'usr/lib/systemd/system/mini-qmail-flush.service';
  const text = readFileSync(join(await laidOut('mini-qmail-satellite'), unit), 'utf8');
  ok(
    text.includes('\nUser=root\n') && text.includes('\nReadWritePaths=/var/spool/mini-qmail -/var/spool\n'),
    text,
  );
  const all = Object.keys(filesBelow(await laidOut('mini-qmail-satellite')));
  ok(all.includes('usr/lib/systemd/system/mini-qmail-collector.socket'), all.join());
  const container = Object.keys(filesBelow(await laidOut('mini-qmail-satellite', true)));
  deepStrictEqual(
    container.filter((path) => path.includes('systemd') || path.includes('cron')),
    [],
  );
});

test('the native satellite has the same links and the same flush, and the terms of its engine', async () => {
  const root = await laidOut('mini-qmail-tiny');
  const other = await laidOut('mini-qmail-satellite');
  const links = (from: string) =>
    readdirSync(from, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map(({ parentPath, name }) => join(parentPath, name).slice(from.length));
  deepStrictEqual(links(root).sort(), links(other).sort());
  ok(links(root).length > 20);
  const flush = (from: string) =>
    Object.entries(filesBelow(from)).filter(([path]) => path.includes('mini-qmail-flush'));
  deepStrictEqual(flush(root), flush(other));
  strictEqual(flush(root).length, 3);
  const terms = readFileSync(join(root, 'usr/share/doc/mini-qmail-tiny/copyright'), 'utf8');
  for (const name of ['mini-qmail', 'minimist', 'quickjs']) ok(terms.includes(`terms of ${name}`));
});
