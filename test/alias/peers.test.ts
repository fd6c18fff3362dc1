/** fastforward, dot-forward and their friends do what Debian's C programs do with the same input, byte for byte. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type AliasCall,
  type AliasPeers,
  type AliasResult,
  bytesAt,
  callHere,
  needsPeers,
  startAliasPeers,
} from '../support/alias-peers.ts';

/** The same inputs at every run. */
function samples(pieces: readonly string[], count: number, seed: number): readonly string[] {
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(''));
  return fc.sample(text, { numRuns: count, seed });
}

/** An error's wording is ours. What -n prints is not. */
function comparable({ exit, stdout, stderr }: AliasResult, program: string): AliasResult {
  const said = stderr.split('\n').filter((line) => !line.startsWith(`${program}: `));
  return { exit, stdout, stderr: said.join('\n') };
}

function count<Value>(values: readonly Value[], wanted: (value: Value) => boolean): number {
  return values.filter(wanted).length;
}

describe('beside the C programs', needsPeers, () => {
  let peers: AliasPeers;
  before(async () => {
    peers = await startAliasPeers();
  });

  test('setforward makes the same database, or refuses the same table', async () => {
    const pieces = [
      ':',
      ',',
      ';',
      ';\n',
      'a',
      'B@c.d',
      '@h',
      'u@',
      '?o@p.q',
      '|p',
      '!q',
      '/l',
      './m',
      '&',
      '&x@y.z',
    ];
    const rare = ['#', '\\', '\\ ', ' ', '\t', '\n', '\0', '\xe9', 'x'.repeat(800), '# c\n', ': j@k.l;\n'];
    const tables = samples([...pieces, ...pieces, ...rare], 150, 1);
    const call = (side: string) =>
      tables.map(
        (stdin, index): AliasCall => ({
          program: 'setforward',
          args: [`${peers.shared}/${index}.${side}.cdb`, `${peers.shared}/${index}.${side}.tmp`],
          stdin,
        }),
      );
    const theirs = await peers.call(call('theirs'));
    const ours = await Promise.all(call('ours').map(callHere));
    for (const [index, table] of tables.entries()) {
      const database = (side: string) => bytesAt(`${peers.shared}/${index}.${side}.cdb`);
      deepStrictEqual(
        { exit: ours[index]?.exit, database: database('ours') },
        { exit: theirs[index]?.exit, database: database('theirs') },
        JSON.stringify(table),
      );
    }
    ok(count(theirs, ({ exit }) => exit === 0) > 15);
  });

  const words = [
    'a',
    'Bob',
    '"c d"',
    '"e@f"',
    '[1.2]',
    'owner-List',
    'plus+',
    '@',
    '@',
    '.',
    '@h.x',
    '@host',
    ' ',
  ];
  const marks = [
    ',',
    ',',
    ':',
    ':include:',
    ':include: "/l x"',
    '<',
    '>',
    '(c)',
    ';',
    '"|p q"',
    '|r',
    '/file',
  ];
  const odd = ['\\', '\\"', '(', '"', '[', '\xe9', '\t', '<j@k.l>', 'x'.repeat(790), '\0'];

  test('newaliases makes the same database, or refuses the same file', async () => {
    const lines = ['\n', '\n', '\na: ', '\nlist: b\n', '\n ', '\n\n', '\n# c, ', '\nd@e.f: g\n'];
    const files = samples(
      [...words, ...words, ...marks, ...lines, ...lines, ...lines, ...odd.slice(5)],
      150,
      2,
    ).map((text, index) => (index % 4 === 0 ? text : `${text}\n`));
    const theirs = [];
    const script = files.map((text, index) => {
      writeFileSync(`${peers.shared}/aliases-${index}`, text, 'latin1');
      const path = `${peers.shared}/aliases-${index}`;
      return `cp ${path} /etc/aliases; rm -f /etc/aliases.cdb; qmail-newaliases 2>/dev/null; echo $?
        if [ -e /etc/aliases.cdb ]; then cp /etc/aliases.cdb ${path}.theirs; fi\n`;
    });
    writeFileSync(`${peers.shared}/script`, script.join(''));
    theirs.push(...(await peers.host.sh(`sh ${peers.shared}/script`)).trim().split('\n').map(Number));
    const env = { QMAILHOME: peers.home };
    for (const [index, text] of files.entries()) {
      const path = `${peers.shared}/aliases-${index}`;
      const { exit } = await callHere({ program: 'newaliases', args: [path], env });
      deepStrictEqual(
        { exit, database: bytesAt(`${path}.cdb`) },
        { exit: theirs[index], database: bytesAt(`${path}.theirs`) },
        JSON.stringify(text),
      );
    }
    ok(count(theirs, (exit) => exit === 0) > 20, String(count(theirs, (exit) => exit === 0)));
  });

  test('newinclude makes the same list, or refuses the same file', async () => {
    const files = samples([...words, ...words, ...marks, '\n', '\n', '\n', '\n#', ...odd], 150, 3);
    const path = (index: number, side: string) => `${peers.shared}/include-${index}-${side}`;
    const call = (side: string) =>
      files.map((text, index): AliasCall => {
        writeFileSync(path(index, side), text, 'latin1');
        const env = { QMAILHOME: peers.home, ...(index % 3 === 0 ? { QMAILDEFAULTHOST: 'env+' } : {}) };
        return { program: 'newinclude', args: [path(index, side)], env };
      });
    const theirs = await peers.call(call('theirs'));
    const ours = await Promise.all(call('ours').map(callHere));
    for (const [index, text] of files.entries()) {
      const list = (side: string) => bytesAt(`${path(index, side)}.bin`);
      deepStrictEqual(
        { exit: ours[index]?.exit, list: list('ours') },
        { exit: theirs[index]?.exit, list: list('theirs') },
        JSON.stringify(text),
      );
    }
    ok(count(theirs, ({ exit }) => exit === 0) > 20);
  });

  test('setmaillist makes the same list, and printmaillist prints the same', async () => {
    const pieces = [
      'a@b.c',
      '&d@e.f',
      '/l',
      './m',
      '#c',
      '\n',
      '\n',
      '\n',
      ' ',
      '\t',
      '\xe9',
      'x'.repeat(801),
    ];
    const lists = samples([...pieces, ...pieces, '\0'], 120, 4);
    const path = (index: number, side: string) => `${peers.shared}/list-${index}-${side}`;
    const call = (side: string) =>
      lists.map(
        (stdin, index): AliasCall => ({
          program: 'setmaillist',
          args: [path(index, side), `${path(index, side)}.tmp`],
          stdin,
        }),
      );
    const theirs = await peers.call(call('theirs'));
    const ours = await Promise.all(call('ours').map(callHere));
    for (const [index, text] of lists.entries()) {
      deepStrictEqual(
        { exit: ours[index]?.exit, list: bytesAt(path(index, 'ours')) },
        { exit: theirs[index]?.exit, list: bytesAt(path(index, 'theirs')) },
        JSON.stringify(text),
      );
    }
    const binaries = [
      ...lists.map((_, index) => bytesAt(path(index, 'theirs')) ?? ''),
      ...samples(['&a@b.c', '/l', '.', ' ', '\0', '\0', '\0', '\n', 'x', `&${'x'.repeat(898)}`, 'y'], 100, 5),
    ];
    const printing = binaries.map((stdin): AliasCall => ({ program: 'printmaillist', args: [], stdin }));
    const printed = await peers.call(printing);
    for (const [index, call] of printing.entries()) {
      const { exit, stdout } = await callHere(call);
      // A list that turns out to be damaged is printed up to there, as far as buffers go.
      const shown = exit === 0 ? stdout : '';
      const theirsShown = printed[index]?.exit === 0 ? printed[index]?.stdout : '';
      deepStrictEqual(
        { exit, shown },
        { exit: printed[index]?.exit, shown: theirsShown },
        JSON.stringify(call.stdin),
      );
    }
  });

  test('dot-forward reads the same out of a file', async () => {
    const files = samples(
      [...words, ...words, ...marks, 'joe', 'JOE@Here', '\n', '\n', '\n#', ...odd],
      150,
      6,
    );
    const env = { QMAILHOME: peers.home, USER: 'Joe', HOST: 'here' };
    const calls = files
      .filter((text) => !text.includes('\0'))
      .map((text, index): AliasCall => {
        const path = `${peers.shared}/forward-${index}`;
        writeFileSync(path, text, 'latin1');
        const others = [`${peers.shared}/forward-0`, `${peers.shared}/missing`];
        return { program: 'dot-forward', args: ['-n', path, ...others.slice(index % 3)], env };
      });
    const theirs = await peers.call(calls);
    for (const [index, call] of calls.entries()) {
      const ours = await callHere(call);
      const [exit, theirExit] = [ours.exit, theirs[index]?.exit];
      deepStrictEqual(exit, theirExit, JSON.stringify(files[index]));
      if (exit === 111) continue;
      deepStrictEqual(
        comparable(ours, 'dot-forward'),
        comparable(theirs[index] ?? ours, 'dot-forward'),
        JSON.stringify(bytesAt(call.args[1] ?? '')),
      );
    }
  });

  test('fastforward finds the same, in databases of either side', async () => {
    writeFileSync(`${peers.shared}/l.bin`, '&one@x.y\0./none\0&two@x.y\0&root@a.b\0|never\0', {
      mode: 0o644,
    });
    writeFileSync(`${peers.shared}/secret.bin`, '&one@x.y\0', { mode: 0o600 });
    const table = `root@a.b: &x@y.z, one@x.y, |p \\ q, ${peers.shared}/l.bin, &x@y.z;
      @c.d: ?owner@c.d, list@c.d, other@c.d; e@: x@y.z; x@y.z: root@a.b, last@\\\xe9.z, !r; list@c.d: ?own@c.d, in@c.d;
      loop@a.b: loop@a.b, |once; s@a.b: ${peers.shared}/secret.bin; m@a.b: /nonexistent/file; only@: |prog;
      @: nobody@x.y; big@a.b: ${Array.from({ length: 200 }, (_, index) => `u${index}@x.y`).join()};\n`;
    const databases = ['ours', 'theirs'].map((side) => `${peers.shared}/table.${side}.cdb`);
    const make = (path = ''): AliasCall => ({
      program: 'setforward',
      args: [path, `${path}.tmp`],
      stdin: table,
    });
    await callHere(make(databases[0]));
    await peers.call([make(databases[1])]);
    const recipients = [
      'root@a.b',
      'Root@A.B',
      'any@c.d',
      'list@c.d',
      'E@anywhere',
      'e',
      'e@',
      'loop@a.b',
      's@a.b',
      'm@a.b',
      'only@x',
      'big@a.b',
      'none@x.y',
      'a@b@c.d',
      '',
      '@',
      '@c.d',
    ];
    const senders = ['s@x.y', '', '#@[]', 's\xe9\x01@x.y', undefined];
    const calls = databases.flatMap((database) =>
      recipients.flatMap((recipient) =>
        senders.flatMap((sender) =>
          ['-n', '-np', '-nd', '-nPdDp'].map((options): AliasCall => {
            const at = recipient.lastIndexOf('@');
            const parts = at < 0 ? {} : { DEFAULT: recipient.slice(0, at), HOST: recipient.slice(at + 1) };
            const env = {
              RECIPIENT: recipient,
              ...parts,
              ...(sender === undefined ? {} : { SENDER: sender }),
            };
            return { program: 'fastforward', args: [options, database], env };
          }),
        ),
      ),
    );
    const theirs = await peers.call(calls);
    for (const [index, call] of calls.entries()) {
      const result = theirs[index];
      ok(result !== undefined);
      const ours = await callHere(call);
      const view = (one: AliasResult) => comparable(one, 'fastforward');
      deepStrictEqual(view(ours), view(result), JSON.stringify(call));
    }
  });

  test('printforward prints the same, and what it prints makes the same database again', async () => {
    const table = 'a@b: &c@d.e, |x\\ y\\#\\;, \\\xe9@f.g; @: ?o\\:@p, /l; u@: !z\\\x01;';
    const path = `${peers.shared}/print.cdb`;
    await callHere({ program: 'setforward', args: [path, `${path}.tmp`], stdin: table });
    const stdin = bytesAt(path) ?? '';
    const damaged = [
      stdin.slice(0, 100),
      stdin.slice(0, 2100),
      `${stdin.slice(0, 2060)}\xff${stdin.slice(2061)}`,
      '',
    ];
    const printing = [stdin, ...damaged].map(
      (text): AliasCall => ({ program: 'printforward', args: [], stdin: text }),
    );
    const theirs = await peers.call(printing);
    copyFileSync(path, `${path}.copy`);
    for (const [index, call] of printing.entries()) {
      const ours = await callHere(call);
      deepStrictEqual(ours.exit, theirs[index]?.exit);
      if (ours.exit === 0) deepStrictEqual(ours.stdout, theirs[index]?.stdout);
    }
    const printed = theirs[0]?.stdout ?? '';
    await callHere({ program: 'setforward', args: [`${path}.copy`, `${path}.tmp`], stdin: printed });
    deepStrictEqual(bytesAt(`${path}.copy`), stdin);
  });
});
