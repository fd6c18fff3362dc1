/** tcprulescheck: shows which rule of a file that tcprules has made is for an address. */
import { type Cdb, openCdb } from '../cdb/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { searchedAddresses } from '../serve/index.ts';
import { type ByteString, bytesOf, errorText, type System, textOf } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'tcprulescheck',
  section: 1,
  purpose: 'show which rule is for an address',
  synopsis: ['CDB'],
  description: [
    'tcprulescheck looks up in CDB, which tcprules has made, the client that the environment describes, in the order in which tcpserver does, and prints what it finds: the address of the rule, the variables that it sets, and whether the connection is allowed. Without a rule it is.',
  ],
  environment: [
    ['TCPREMOTEIP', 'The IP address of the client; 0 without it.'],
    ['TCPREMOTEHOST', 'Its name, if it has one.'],
    ['TCPREMOTEINFO', 'Its user, if known.'],
  ],
  exitCodes: [
    ['0', 'It was printed.'],
    ['100', 'It was called wrongly.'],
    ['111', 'CDB cannot be read.'],
  ],
  seeAlso: ['tcprules(1)', 'tcpserver(1)'],
};

interface Found {
  readonly address: ByteString;
  readonly data: Uint8Array;
}

function find(cdb: Cdb, system: System): Found | undefined {
  const client = {
    ip: system.env('TCPREMOTEIP') ?? '0',
    host: system.env('TCPREMOTEHOST'),
    info: system.env('TCPREMOTEINFO'),
  };
  for (const address of searchedAddresses(client)) {
    const data = cdb.get(address);
    if (data !== undefined) return { address, data };
  }
  return undefined;
}

function describe(found: Found | undefined): ByteString {
  if (found === undefined) return 'default:\nallow connection\n';
  // What is behind the last NUL byte is no instruction.
  const instructions = textOf(found.data).split('\0').slice(0, -1);
  const settings = instructions.filter((text) => text.startsWith('+'));
  const lines = [
    `rule ${found.address}:`,
    ...settings.map((text) => `set environment variable ${text.slice(1)}`),
    instructions.some((text) => text.startsWith('D')) ? 'deny connection' : 'allow connection',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export const tcprulescheck: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    const [path] = parsed.ok ? parsed.line.operands : [];
    if (!parsed.ok || path === undefined || parsed.line.operands.length > 1) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    try {
      const cdb = openCdb(path);
      try {
        system.files.write(1, bytesOf(describe(find(cdb, system))));
      } finally {
        cdb.close();
      }
      return 0;
    } catch (error) {
      complain(system, manual.name, `fatal: unable to read ${path}: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
