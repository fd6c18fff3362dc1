/** qmail-doctor: looks whether mail goes out from this satellite, and says in words what is wrong. */
import { InjectProblem, inject, readSettings } from '../inject/index.ts';
import { queueExit } from '../mail/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { directoryIn } from '../satellite/index.ts';
import { chooseQueue } from '../submit/index.ts';
import { type ByteString, bytesOf, errorText, printable, type System } from '../system/index.ts';
import {
  doctorExit,
  exitOf,
  type Finding,
  findingsJson,
  findingText,
  summaryText,
} from './doctor-finding.ts';
import { inspectHubs } from './doctor-hubs.ts';
import { inspectSetup } from './doctor-setup.ts';
import { inspectSpool } from './doctor-spool.ts';
import { complain, print } from './print.ts';
import type { Program, Wiring } from './program.ts';

const exitUsage = 100;

const manual: Manual = {
  name: 'qmail-doctor',
  section: 8,
  purpose: 'look whether mail goes out',
  synopsis: ['[--json] [--send ADDRESS]'],
  description: [
    'qmail-doctor looks at a satellite from its home to its hubs, and prints a line for each thing: ok, warning or problem, what it was, and what it found; a second line says what to do. A warning is about something that is not as it should be while mail goes out; a problem keeps mail from going out.',
    'It looks at the home directory and the control files, at the name of this host, at the place for temporary files, at the links by which other programs call a mail system, at the spool (can this user write to it, is there room, how long have messages waited), and at each hub: whether its name has an address, whether something listens there, and whether that speaks QMQP. Each hub gets an empty netstring, which is no message; the hub may log it. A hub that does not work is a warning as long as another one does.',
    'Call it as the user who sends mail: what another user may read and reach is not looked at.',
  ],
  options: [
    {
      name: 'send',
      value: 'ADDRESS',
      text: 'Then send a short message to ADDRESS, as sendmail would, and say what became of it. Not done where a problem was found.',
    },
    {
      name: 'json',
      text: 'Print one JSON object, with the keys problems, warnings (how many) and findings, a list of objects with what, state, says and, where there is some, advice.',
    },
  ],
  environment: [
    ['QMAILHOME', 'The home directory; default /var/qmail.'],
    ['QMAILQUEUE', 'A program in place of the queue; that messages go there is a warning.'],
  ],
  controls: [
    ['me', 'The name of this host.'],
    ['qmqpservers', 'The hubs; see qmail-qmqpc(8).'],
    ['spool, spoolmessages and spoolfree', 'The spool and its limits; see qmail-qmqpc(8).'],
    ['collector and drop', 'Who keeps messages in place of the caller; see qmail-collectd(8).'],
    ['qmailqueue', 'A program in place of the queue, unless $QMAILQUEUE names one.'],
    ['timeoutconnect', 'Seconds to wait for a connection; at most 10 are waited here.'],
    ['timeoutremote', 'Seconds to wait for an answer; at most 10 are waited here.'],
  ],
  exitCodes: [
    ['0', 'All is well.'],
    ['1', 'There are warnings.'],
    ['2', 'There is a problem.'],
    ['100', 'It was called wrongly.'],
  ],
  seeAlso: ['qmail-showctl(8)', 'qmail-flush(8)', 'qmail-qmqpc(8)', 'sendmail(1)'],
};

const answerTextMax = 400;

/** The message, on descriptor 0 of who reads it. */
function reading(system: System, text: ByteString): System {
  let rest = bytesOf(text);
  const read = (descriptor: number, into: Uint8Array): number => {
    if (descriptor !== 0) return system.files.read(descriptor, into);
    const piece = rest.subarray(0, into.length);
    into.set(piece);
    rest = rest.subarray(piece.length);
    return piece.length;
  };
  return { ...system, files: { ...system.files, read } };
}

async function sendTest(system: System, wiring: Wiring, address: ByteString): Promise<Finding> {
  const what = `message to ${printable(address)}`;
  const text = `To: ${address}\nSubject: a test by qmail-doctor\n\nSomebody wanted to see whether mail goes out from here. It does.\n`;
  try {
    const { exitCode, answer } = await inject(
      reading(system, text),
      {
        settings: readSettings(system),
        recipientsFrom: 'arguments',
        recipients: [address],
        sender: undefined,
        recipientsRequired: true,
        unixLines: false,
      },
      chooseQueue(system, wiring.queue),
    );
    const says = printable(answer.text, answerTextMax);
    if (exitCode === queueExit.accepted) return { what, state: 'ok', says: `taken: ${says}` };
    return { what, state: 'problem', says, advice: 'each hub has said why; its log may say more' };
  } catch (error) {
    const says = error instanceof InjectProblem ? error.message : errorText(error);
    return { what, state: 'problem', says };
  }
}

/** Where others hand messages to the hubs, they have the key, and not the caller. */
async function lookAtHubs(system: System): Promise<readonly Finding[]> {
  try {
    const isOthers = ['collector', 'drop'] as const;
    if (system.uid !== 0 && isOthers.some((name) => directoryIn(system, name) !== undefined)) {
      return [
        { what: 'hubs', state: 'ok', says: 'not looked at: others speak with them; call this as root' },
      ];
    }
    return await inspectHubs(system);
  } catch (error) {
    return [{ what: 'control/qmqpservers', state: 'problem', says: errorText(error) }];
  }
}

/** A control character would end a field of the header. */
function isClean(address: ByteString): boolean {
  return address !== '' && ![...address].some((character) => character < ' ' || character === '\x7f');
}

export const qmailDoctor: Program = {
  manual,
  run: async (system, wiring) => {
    const parsed = parseCommandLine(manual, system.args);
    const address = parsed.ok ? parsed.line.value('send') : undefined;
    if (!parsed.ok || parsed.line.operands.length > 0 || (address !== undefined && !isClean(address))) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const json = parsed.line.has('json');
    const findings: Finding[] = [];
    const note = (found: readonly Finding[]): void => {
      findings.push(...found);
      if (!json) for (const finding of found) print(system, findingText(finding));
    };
    note(inspectSetup(system));
    if (!findings.some(({ what, state }) => what === 'home' && state === 'problem')) {
      note(inspectSpool(system));
      note(await lookAtHubs(system));
    }
    if (address !== undefined && exitOf(findings) !== doctorExit.problems) {
      note([await sendTest(system, wiring, address)]);
    }
    print(system, json ? findingsJson(findings) : summaryText(findings));
    return exitOf(findings);
  },
};
