/**
 * What a program that a .qmail file names finds in its environment (qmail-command(8)), and nothing else: parts of the
 * addresses, the lines that a delivery puts on top of a message, and where this installation is.
 *
 * The values come from whoever sent the message. No shell sees them as a command, and no control character is in
 * them, but for the LF that ends a line: programs print them, write them to files, and read them line by line.
 */
import { homeDirectory } from '../control/index.ts';
import type { ByteString, System } from '../system/index.ts';
import type { DeliveryLines } from './delivery-lines.ts';
import type { LocalJob } from './job.ts';

export type Environment = Readonly<Record<string, ByteString>>;

/** Variables of ours that programs of this installation read. */
const passed = ['QMAILHOME', 'QMAILQUEUE', 'TZ'];

/** Where programs are looked for, after those of the installation. */
const pathRest = '/usr/local/bin:/usr/bin:/bin';

const firstPrintable = 32;
const delete_ = 127;

/** Control characters, which have no place in an address, become "_". */
function withoutControls(text: ByteString): ByteString {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    result += code < firstPrintable || code === delete_ ? '_' : text.charAt(index);
  }
  return result;
}

function asLine(line: ByteString): ByteString {
  return `${withoutControls(line.slice(0, -1))}\n`;
}

/** The part of an extension after its first "-". */
function afterDash(extension: ByteString): ByteString {
  const dash = extension.indexOf('-');
  return dash < 0 ? '' : extension.slice(dash + 1);
}

/** A domain without its last label; one without dots stays. */
function beforeDot(domain: ByteString): ByteString {
  const dot = domain.lastIndexOf('.');
  return dot < 0 ? domain : domain.slice(0, dot);
}

function addressParts({ extension, domain }: LocalJob): Environment {
  const extension2 = afterDash(extension);
  const extension3 = afterDash(extension2);
  const host2 = beforeDot(domain);
  const host3 = beforeDot(host2);
  return {
    EXT: extension,
    EXT2: extension2,
    EXT3: extension3,
    EXT4: afterDash(extension3),
    HOST: domain,
    HOST2: host2,
    HOST3: host3,
    HOST4: beforeDot(host3),
  };
}

function installation(system: System): Environment {
  const set = passed.flatMap((name) => {
    const value = system.env(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(set), PATH: `${homeDirectory(system)}/bin:${pathRest}` };
}

/** `defaultPart` is undefined where the instructions are those of the exact address. */
export function programEnvironment(
  job: LocalJob,
  system: System,
  lines: DeliveryLines,
  newSender: ByteString,
  defaultPart: ByteString | undefined,
): Environment {
  const values: Environment = {
    ...installation(system),
    ...addressParts(job),
    ...(defaultPart === undefined ? {} : { DEFAULT: defaultPart }),
    HOME: job.home,
    LOCAL: job.local,
    NEWSENDER: newSender,
    RECIPIENT: `${job.local}@${job.domain}`,
    SENDER: job.sender,
    USER: job.user,
  };
  const clean = Object.entries(values).map(([name, value]) => [name, withoutControls(value)]);
  return {
    ...Object.fromEntries(clean),
    DTLINE: asLine(lines.deliveredTo),
    RPLINE: asLine(lines.returnPath),
    UFLINE: asLine(lines.from),
  };
}
