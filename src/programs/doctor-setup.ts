/** The part of qmail-doctor that looks at this machine: the home, the control files, room for messages, and the links. */
import { parseHub } from '../../qmqp/index.ts';
import { type Control, homeDirectory, openControl } from '../control/index.ts';
import { keyFile, keyPath } from '../submit/index.ts';
import { type ByteString, errorCode, errorText, printable, type System } from '../system/index.ts';
import { type ControlFile, controlFiles } from './control-files.ts';
import type { Finding } from './doctor-finding.ts';

/** The names by which other software calls a mail system. */
const systemLinks = ['/usr/sbin/sendmail', '/usr/lib/sendmail', '/usr/bin/mailq', '/usr/bin/newaliases'];

/** The file that runs, where the kernel says which. */
const ownFile = '/proc/self/exe';

const setIdBits = 0o6000;
const writableByAll = 0o002;
const readableByAll = 0o004;

function inspectHome(system: System): Finding {
  const home = homeDirectory(system);
  const what = 'home';
  try {
    const status = system.files.status(home);
    if (status.kind !== 'directory') return { what, state: 'problem', says: `${home} is no directory` };
    if ((status.mode & writableByAll) !== 0)
      return {
        what,
        state: 'warning',
        says: `everybody can write to ${home}, and say where mail goes`,
        advice: `chmod go-w ${home}`,
      };
    return { what, state: 'ok', says: home };
  } catch (error) {
    return {
      what,
      state: 'problem',
      says: `${home}: ${errorText(error)}`,
      advice: 'make it, or set QMAILHOME to where the control files are',
    };
  }
}

const digits = '0123456789';

function isNumber(value: ByteString): boolean {
  for (const character of value) if (!digits.includes(character)) return false;
  return value !== '';
}

/** What is wrong with the text of one control file, in the way that its programs read it. */
function problemOf(file: ControlFile, control: Control): string | undefined {
  const lines = control.list(file.name) ?? [];
  const value = control.line(file.name) ?? '';
  if (lines.some((line) => line.endsWith('\r')) || value.endsWith('\r')) {
    return 'a line ends with CR, which becomes part of the value';
  }
  if (file.kind === 'number' && !isNumber(value)) {
    return `${printable(value)} is no number, so the default holds`;
  }
  if (file.kind === 'line' && lines.length > 1) return 'only the first line counts, and there are more';
  return undefined;
}

function inspectFile(file: ControlFile, control: Control): Finding | undefined {
  const what = `control/${file.name}`;
  try {
    const says = problemOf(file, control);
    return says === undefined ? undefined : { what, state: 'warning', says, advice: 'write it anew' };
  } catch (error) {
    return { what, state: 'problem', says: errorText(error), advice: 'make it readable for who sends mail' };
  }
}

/** A host name that other hosts can use. */
function inspectMe(control: Control): Finding {
  const what = 'control/me';
  const me = control.line('me');
  if (me === undefined || me === '') {
    return {
      what,
      state: 'problem',
      says: 'the name of this host is not known, and mail has a sender like root@me',
      advice: `hostname -f >${control.directory}/me`,
    };
  }
  if (parseHub(me)?.host !== me) {
    return { what, state: 'problem', says: `${printable(me)} is no host name` };
  }
  if (!me.includes('.')) {
    return {
      what,
      state: 'warning',
      says: `${me} has no domain: nobody can answer to mail from it`,
      advice: 'write the full name into it',
    };
  }
  return { what, state: 'ok', says: me };
}

/** The files in control/: those that are there are understood, and known. */
function inspectControls(system: System): readonly Finding[] {
  const control = openControl(system);
  let present: readonly ByteString[];
  try {
    present = system.files.list(control.directory);
  } catch (error) {
    const says = `unable to read ${control.directory}: ${errorText(error)}`;
    return [
      { what: 'control', state: 'problem', says, advice: 'make the directory, and write me and qmqpservers' },
    ];
  }
  const findings: Finding[] = [];
  for (const file of controlFiles.filter(({ name }) => present.includes(name))) {
    const finding = inspectFile(file, control);
    if (finding !== undefined) findings.push(finding);
  }
  const known = new Set(controlFiles.map(({ name }) => name));
  for (const name of [...present].sort()) {
    if (known.has(name) || name.startsWith('.')) continue;
    if (system.files.status(`${control.directory}/${name}`).kind !== 'file') continue;
    findings.push({
      what: `control/${printable(name)}`,
      state: 'warning',
      says: 'no program of this system reads this file',
      advice: 'is it misspelt? qmail-showctl lists all names',
    });
  }
  const unread = findings.some(({ what, state }) => what === 'control/me' && state === 'problem');
  return unread ? findings : [inspectMe(control), ...findings];
}

/** The key by which hubs know this host is not for everybody. */
function inspectKey(system: System): readonly Finding[] {
  const what = `control/${keyFile}`;
  try {
    const { mode } = system.files.status(keyPath(system));
    if ((mode & readableByAll) === 0) return [{ what, state: 'ok', says: 'there is a key for hubs in TLS' }];
    const says = 'everybody can read the key of this host, and send mail as it';
    return [{ what, state: 'warning', says, advice: `chmod 600 ${keyPath(system)}, and make a new key` }];
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** A program in the place of the queue takes the messages, and the hubs are not asked. */
function inspectQueue(system: System): readonly Finding[] {
  const fromEnvironment = system.env('QMAILQUEUE');
  const program = fromEnvironment || openControl(system).line('qmailqueue');
  if (!program) return [];
  return [
    {
      what: fromEnvironment ? '$QMAILQUEUE' : 'control/qmailqueue',
      state: 'warning',
      says: `messages go to ${printable(program)}, and from there to wherever it sends them`,
    },
  ];
}

function inspectTemporary(system: System): Finding {
  const what = 'temporary files';
  try {
    system.files.close(system.files.openTemporary());
    return { what, state: 'ok', says: 'there is a place for messages over 64 KiB' };
  } catch (error) {
    return {
      what,
      state: 'problem',
      says: `messages over 64 KiB have no place: ${errorText(error)}`,
      advice: 'set TMPDIR to a directory that can be written',
    };
  }
}

function inspectLink(system: System, path: ByteString, own: string): Finding {
  try {
    if (system.files.status(path).identity === own) return { what: path, state: 'ok', says: 'leads here' };
    const says = 'belongs to another mail system, so who calls it does not come here';
    return { what: path, state: 'warning', says, advice: 'scripts/satellite-install --replace-sendmail' };
  } catch (error) {
    const says = errorCode(error) === 'ENOENT' ? 'is missing: programs look for it' : errorText(error);
    return { what: path, state: 'warning', says, advice: `make a link to ${ownFile.slice(6)}` };
  }
}

function inspectLinks(system: System): readonly Finding[] {
  try {
    const { identity, mode } = system.files.status(ownFile);
    const links = systemLinks.map((path) => inspectLink(system, path, identity));
    if ((mode & setIdBits) === 0) return links;
    const says = 'the executable is set-user-id or set-group-id, and gives its rights to whoever calls it';
    return [...links, { what: 'rights', state: 'problem', says, advice: 'chmod u-s,g-s' }];
  } catch {
    return [{ what: 'links', state: 'warning', says: 'not looked at: there is no /proc here' }];
  }
}

/** Everything that can be seen without a network. */
export function inspectSetup(system: System): readonly Finding[] {
  const home = inspectHome(system);
  if (home.state === 'problem') return [home];
  const attempt = (inspect: () => readonly Finding[]): readonly Finding[] => {
    try {
      return inspect();
    } catch (error) {
      return [{ what: 'control', state: 'problem', says: errorText(error) }];
    }
  };
  return [
    home,
    ...attempt(() => inspectControls(system)),
    ...attempt(() => inspectKey(system)),
    ...attempt(() => inspectQueue(system)),
    inspectTemporary(system),
    ...inspectLinks(system),
  ];
}
