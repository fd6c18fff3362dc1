/**
 * Debian's fastforward and dot-forward beside ours, on the same inputs. The C programs look for their home and the
 * alias file at fixed places, so they run on a host of their own (private-host.ts); many inputs go through one shell.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dispatch } from '../../src/programs/dispatch.ts';
import { hubPrograms } from '../../src/programs/hub-table.ts';
import { type ByteString, bytesOf, errorCode, type System, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { needs } from './foreign.ts';
import { referenceControls, temporaryHome } from './home.ts';
import { memoryDirectory } from './memory-directory.ts';
import { type PrivateHost, privateHostMissing, startPrivateHost } from './private-host.ts';

/** For the options of a test that needs the C programs. */
export const needsPeers: { readonly skip: string | false } = privateHostMissing
  ? { skip: privateHostMissing }
  : needs('fastforward', 'dot-forward', 'qmail-newaliases');

/** Where the C programs were built to find control/ and bin/qmail-queue. */
const peerHome = '/var/lib/qmail';

export interface AliasCall {
  readonly program: string;
  readonly args: readonly ByteString[];
  readonly env?: Readonly<Record<string, ByteString>>;
  /** Descriptor 0: a file, of which every byte can be read again. */
  readonly stdin?: ByteString;
}

export interface AliasResult {
  readonly exit: number;
  readonly stdout: ByteString;
  readonly stderr: ByteString;
}

/** Descriptors 0, 1 and 2 are texts, variables are those that are given; files are real. */
export async function callHere({ program, args, env = {}, stdin = '' }: AliasCall): Promise<AliasResult> {
  const real = nodeSystem(args);
  const written = ['', '', ''];
  const input = bytesOf(stdin);
  let position = 0;
  const system: System = {
    ...real,
    env: (name) => env[name],
    files: {
      ...real.files,
      read(descriptor, into) {
        if (descriptor !== 0) return real.files.read(descriptor, into);
        const piece = input.subarray(position, position + into.length);
        into.set(piece);
        position += piece.length;
        return piece.length;
      },
      write(descriptor, bytes) {
        if (descriptor > 2) real.files.write(descriptor, bytes);
        else written[descriptor] += textOf(bytes);
      },
    },
  };
  const refuse = () => Promise.reject(new Error('this test sends nothing'));
  const exit = await dispatch(hubPrograms, { name: program, args }, system, { queue: refuse });
  const [, stdout = '', stderr = ''] = written;
  return { exit, stdout, stderr };
}

function quote(text: ByteString): ByteString {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export interface AliasPeers {
  /** Control files with which both sides complete addresses. */
  readonly home: string;
  /** A directory that has the same path on both sides. */
  readonly shared: string;
  readonly host: PrivateHost;
  /** Runs the C programs, one call after the other. */
  call(calls: readonly AliasCall[]): Promise<readonly AliasResult[]>;
}

/** Closes with the test file. */
export async function startAliasPeers(): Promise<AliasPeers> {
  const home = temporaryHome({ ...referenceControls, defaulthost: 'mail.ref.test\n' });
  const shared = memoryDirectory();
  mkdirSync(`${home}/bin`);
  const host = await startPrivateHost({ binds: { [shared]: shared, [peerHome]: home } });
  let batches = 0;

  async function call(calls: readonly AliasCall[]): Promise<readonly AliasResult[]> {
    batches += 1;
    const directory = `${shared}/batch-${batches}`;
    mkdirSync(directory);
    const lines = calls.map(({ program, args, env = {}, stdin = '' }, index) => {
      writeFileSync(`${directory}/${index}.in`, stdin, 'latin1');
      const variables = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`));
      const words = ['env', '-i', 'PATH=/usr/bin:/bin:/usr/sbin', ...variables, program, ...args.map(quote)];
      const path = `${directory}/${index}`;
      return `${words.join(' ')} <${path}.in >${path}.out 2>${path}.err\necho $? >${path}.exit\n`;
    });
    writeFileSync(`${directory}/script`, lines.join(''), 'latin1');
    await host.sh(`sh ${directory}/script`);
    return calls.map((_, index) => {
      const read = (suffix: string) => readFileSync(`${directory}/${index}.${suffix}`, 'latin1');
      return { exit: Number(read('exit')), stdout: read('out'), stderr: read('err') };
    });
  }
  return { home, shared, host, call };
}

/** The bytes of a file, null where there is none. */
export function bytesAt(path: string): ByteString | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
