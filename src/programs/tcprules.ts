/** tcprules: makes a file of rules for addresses that tcpserver and tcprulescheck read fast (cdb(5)). */
import { writeCdb } from '../cdb/index.ts';
import { parseList } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { parseRuleLine, type RuleLine } from '../serve/index.ts';
import { type ByteString, concatBytes, errorText, type System, textOf } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;
const exitTemporary = 111;

const rulesBytesMax = 64 * 1024 * 1024;

const readBytes = 65_536;

const manual: Manual = {
  name: 'tcprules',
  section: 1,
  purpose: 'compile rules for addresses for tcpserver',
  synopsis: ['CDB TEMPORARY'],
  description: [
    'tcprules reads rules on descriptor 0, one a line, and writes them to CDB, which it makes whole under the name TEMPORARY, on the same disk, and then puts in place. tcpserver -x and tcprulescheck look addresses up in it. The servers of this system read their rules as text and need none.',
    'A rule is ADDRESS:INSTRUCTIONS. INSTRUCTIONS begin with allow or deny, and set any number of variables: ,NAME="VALUE", where the quote is any character. ADDRESS is 192.0.2.1, or the beginning of one up to a dot as in 192.0.2., or =host.example, or =.example for all hosts below it, or = for every host that has a name, or nothing, for everybody; INFO@ in front of a whole address or host means one user of it. A part of an IP address may be a range: 192.0.2.8-11. Empty lines, lines that begin with # and lines without a colon say nothing, and blanks at the end of a line mean nothing.',
    'The most exact address counts, wherever it stands: INFO@ before all, then the whole IP address, the host, the beginnings of the IP address, the longer first, the suffixes of the host, =, and nothing. Of several rules for one address the first counts.',
  ],
  exitCodes: [
    ['0', 'CDB is new.'],
    ['100', 'It was called wrongly, or a line cannot be understood. The old file stays.'],
    ['111', 'Something cannot be read or written. The old file stays.'],
  ],
  limits: [['rules', `${rulesBytesMax} bytes`]],
  bugs: ['It knows no notation for IPv6; rules that a server of this system reads as text have one.'],
  seeAlso: ['tcprulescheck(1)', 'tcpserver(1)', 'qmail-qmqpd(8)', 'qmail-smtpd(8)'],
};

function readRules(system: System): ByteString {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const part = new Uint8Array(readBytes);
    const length = system.files.read(0, part);
    if (length === 0) return textOf(concatBytes(parts));
    bytes += length;
    if (bytes > rulesBytesMax) throw new Error(`the rules have more than ${rulesBytesMax} bytes`);
    parts.push(part.subarray(0, length));
  }
}

/** What tcpserver finds at an address: D and NUL to deny, then + NAME = VALUE and NUL for each variable. */
function dataOf({ allow, settings }: RuleLine): ByteString {
  return `${allow ? '' : 'D\0'}${settings.map(([name, value]) => `+${name}=${value}\0`).join('')}`;
}

export const tcprules: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    const [path, temporary] = parsed.ok ? parsed.line.operands : [];
    if (!parsed.ok || path === undefined || temporary === undefined || parsed.line.operands.length > 2) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    try {
      const lines = parseList(readRules(system));
      let rules: readonly RuleLine[];
      try {
        rules = lines.flatMap((line) => parseRuleLine(line) ?? []);
      } catch (error) {
        complain(system, manual.name, `fatal: ${errorText(error)}`);
        return exitUsage;
      }
      const records = rules.flatMap((rule) =>
        rule.addresses.map((address) => [address, dataOf(rule)] as const),
      );
      writeCdb({ path, temporary }, records);
      return 0;
    } catch (error) {
      complain(system, manual.name, `fatal: unable to make ${path}: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
