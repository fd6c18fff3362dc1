/** config-fast: the control files of a host, from its name alone and without asking the DNS. */
import { homeDirectory, openControl, readWhole } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { type ByteString, bytesOf, errorCode, errorText, printable, type System } from '../system/index.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';

/** The longest name that the DNS can hold (RFC 1035, section 2.3.4). */
const hostLengthMax = 255;

/** What a label is made of (RFC 952), and the underscore that some sites use. */
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_';

const manual: Manual = {
  name: 'config-fast',
  section: 8,
  purpose: 'write the control files of a host',
  synopsis: ['HOST'],
  description: [
    'config-fast writes the control files that follow from HOST, the fully qualified name of this host, and says what it puts where. It asks no name server.',
    'me becomes HOST; defaultdomain becomes HOST without its first label, if two labels remain; plusdomain becomes the last two labels of HOST. HOST is added to the lists locals and rcpthosts unless it is there already. The directory control is made if it is missing. Each file is replaced as a whole, so that a program that reads it meanwhile sees the old one or the new one.',
  ],
  environment: [['QMAILHOME', 'The home directory; default /var/qmail.']],
  controls: [
    ['me', 'Written.'],
    ['defaultdomain', 'Written.'],
    ['plusdomain', 'Written.'],
    ['locals', 'HOST is added.'],
    ['rcpthosts', 'HOST is added.'],
  ],
  exitCodes: [
    ['0', 'The files were written.'],
    ['100', 'It was called wrongly, or HOST is no host name.'],
    ['111', 'A file could not be written.'],
  ],
  limits: [['length of HOST', `${hostLengthMax} bytes`]],
  seeAlso: ['qmail-showctl(8)'],
};

function isHostName(host: ByteString): boolean {
  if (host.length > hostLengthMax) return false;
  return host
    .split('.')
    .every((label) => label !== '' && [...label].every((letter) => letters.includes(letter)));
}

/** a.b.c becomes b.c; a name of one or two labels stays. */
function defaultDomain(host: ByteString): ByteString {
  const labels = host.split('.');
  return labels.length > 2 ? labels.slice(1).join('.') : host;
}

function replaceFile(system: System, path: ByteString, text: ByteString): void {
  const { files } = system;
  const fresh = `${path}.${system.pid}.tmp`;
  const descriptor = files.open(fresh, 'replace', 0o644);
  try {
    files.write(descriptor, bytesOf(text));
    files.sync(descriptor);
  } finally {
    files.close(descriptor);
  }
  files.rename(fresh, path);
}

function configure(system: System, host: ByteString): void {
  const control = openControl(system);
  try {
    system.files.makeDirectory(control.directory, 0o755);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const put = (name: string, value: ByteString) => {
    print(system, `Putting ${value} into control/${name}...\n`);
    replaceFile(system, `${control.directory}/${name}`, `${value}\n`);
  };
  const add = (name: string) => {
    if (control.list(name)?.includes(host)) {
      print(system, `control/${name} has ${host} already.\n`);
      return;
    }
    print(system, `Adding ${host} to control/${name}...\n`);
    const path = `${control.directory}/${name}`;
    const text = readWhole(system, path) ?? '';
    const newline = text === '' || text.endsWith('\n') ? '' : '\n';
    replaceFile(system, path, `${text}${newline}${host}\n`);
  };
  put('me', host);
  put('defaultdomain', defaultDomain(host));
  put('plusdomain', host.split('.').slice(-2).join('.'));
  add('locals');
  add('rcpthosts');
}

export const configFast: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    const host = parsed.ok ? parsed.line.operands[0] : undefined;
    if (!parsed.ok || !host || parsed.line.operands.length > 1) {
      complain(system, 'config-fast', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return 100;
    }
    if (!isHostName(host)) {
      complain(system, 'config-fast', `not a host name: ${printable(host)}`);
      return 100;
    }
    try {
      configure(system, host);
    } catch (error) {
      complain(
        system,
        'config-fast',
        `fatal: unable to configure ${homeDirectory(system)}: ${errorText(error)}`,
      );
      return 111;
    }
    return 0;
  },
};
