/** qmail-newmrh: makes control/morercpthosts.cdb of control/morercpthosts (qmail-newmrh(8)). */
import { writeCdb } from '../cdb/index.ts';
import { openControl, readFileLines } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { type ByteString, errorText, lowerAscii, type System } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-newmrh',
  section: 8,
  purpose: 'make the further domains that mail is accepted for take effect',
  synopsis: [''],
  description: [
    'qmail-newmrh reads control/morercpthosts and writes control/morercpthosts.cdb, in which servers look up domains that are not in control/rcpthosts. That is quicker when there are many: keep the fifty that are needed most in rcpthosts, and the others here.',
    'control/morercpthosts holds one domain a line, as rcpthosts does: HOST, or .SUFFIX for every host below it. Blanks at the end of a line, empty lines, and lines that begin with # mean nothing; nor do capitals.',
    'The new file takes the place of the old one when it is whole and on stable storage.',
  ],
  environment: [['QMAILHOME', 'The home directory; /var/qmail without it.']],
  controls: [['morercpthosts', 'The domains.']],
  exitCodes: [
    ['0', 'control/morercpthosts.cdb is new.'],
    ['100', 'It was called wrongly.'],
    ['111', 'control/morercpthosts cannot be read, or the other cannot be written. The old one stays.'],
  ],
  limits: [
    ['line of morercpthosts', '65536 bytes'],
    ['morercpthosts.cdb', '4 GB'],
  ],
  bugs: ['Two that run at the same time share the name control/morercpthosts.tmp. One of them gives up.'],
  seeAlso: ['config-fast(8)', 'qmail-showctl(8)'],
};

/** Without the blanks at its end, and in lower case. */
function domainOf(line: ByteString): ByteString {
  let end = line.length;
  while (end > 0 && ' \t\n'.includes(line.charAt(end - 1))) end -= 1;
  return lowerAscii(line.slice(0, end));
}

function* recordsOf(system: System, path: ByteString): Generator<[key: ByteString, data: ByteString]> {
  for (const { text } of readFileLines(system, path)) {
    const domain = domainOf(text);
    if (domain !== '' && !domain.startsWith('#')) yield [domain, ''];
  }
}

export const qmailNewmrh: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, 'qmail-newmrh', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const path = `${openControl(system).directory}/morercpthosts`;
    try {
      writeCdb({ path: `${path}.cdb`, temporary: `${path}.tmp` }, recordsOf(system, path));
    } catch (error) {
      complain(
        system,
        'qmail-newmrh',
        `fatal: unable to make control/morercpthosts.cdb: ${errorText(error)}`,
      );
      return exitTemporary;
    }
    return 0;
  },
};
