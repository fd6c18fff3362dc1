/** qmail-remote: sends a message to recipients at another host. */
import { homeDirectory, openControl } from '../control/index.ts';
import { type Manual, parseCommandLine } from '../manual/index.ts';
import {
  createPrepare,
  type Delivered,
  openRemote,
  readRemoteSettings,
  remoteReport,
  sendMail,
} from '../remote/index.ts';
import { createSpill, type Spill } from '../submit/index.ts';
import { bytesOf, errorText, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import type { Program } from './program.ts';
import { remoteControls, remoteLimits } from './remote-manual.ts';

const manual: Manual = {
  name: 'qmail-remote',
  section: 8,
  purpose: 'send a message to another host',
  synopsis: ['HOST SENDER RECIPIENT ...'],
  description: [
    'qmail-remote reads a message on descriptor 0 and sends it by SMTP to the recipients, over one connection to a mail host of HOST: the relay that control/smtproutes names for it, or the hosts of its MX records in their order, or HOST itself when it has none. An address literal as in [192.0.2.1] is that address. A host that cannot be reached or breaks off before the end of the message is followed by the next one; what a host decides is final for this run.',
    'It says EHLO, and HELO where that is not known, and uses what the server offers: PIPELINING, SIZE, 8BITMIME, SMTPUTF8 for addresses that need it, STARTTLS and AUTH as the route demands. LF, CR LF and CR in the message each end a line and leave as CR LF; a partial last line is completed; and no line of the message is the end of it, whatever it says.',
    'It prints records that end with NUL. There is one for each recipient, in order: r accepted, h refused for ever, s refused for now, each with a text; unless the message failed before that. The last one is for the message: K accepted, D refused for ever, Z refused for now. What the server said comes with it, 5,000 bytes at most and without control characters.',
    'Only a server, or DNS with an answer for certain, can refuse for ever. A 552 to a recipient behind one that was accepted is a refusal for now: it may mean that they were too many. A domain with a null MX (RFC 7505) takes no mail; one whose best mail host is this one is not to be sent to from here. A host that did not answer twice is left alone for about an hour; see qmail-tcpto(8).',
  ],
  environment: [['QMAILHOME', 'The directory that holds control/ and queue/; /var/qmail without it.']],
  controls: remoteControls,
  exitCodes: [['0', 'Always: what became of the message is on descriptor 1.']],
  limits: remoteLimits,
  bugs: ['What a message holds of bytes over 127 is sent as it is to a server that does not offer 8BITMIME.'],
  seeAlso: ['qmail-rspawn(8)', 'qmail-send(8)', 'qmail-tcpto(8)'],
};

const readBytes = 65_536;

/** The whole of descriptor 0: it may be a pipe, and a message may be read more than once. */
function readAll(system: System): Spill {
  const spill = createSpill(system);
  const buffer = new Uint8Array(readBytes);
  for (let count = system.files.read(0, buffer); count > 0; count = system.files.read(0, buffer)) {
    spill.write(buffer.subarray(0, count));
  }
  return spill;
}

function failed(verdict: 'D' | 'Z', text: string): Delivered {
  return { recipients: [], message: { verdict, text }, undecided: false };
}

async function send(system: System): Promise<Delivered> {
  const parsed = parseCommandLine(manual, system.args);
  const [host = '', sender = '', ...recipients] = parsed.ok ? parsed.line.operands : [];
  if (recipients.length === 0) return failed('D', 'I (qmail-remote) was invoked improperly. (#5.3.5)\n');
  try {
    const control = openControl(system);
    const settings = readRemoteSettings(system, control);
    const mail = openRemote({
      system,
      home: nativeText(homeDirectory(system)),
      settings: { current: () => settings },
    });
    const body = readAll(system);
    const outgoing = await createPrepare(system, control)({ sender, recipients, body });
    const destination = { route: settings.routeOf(host), domain: host };
    const { delivered, connection } = await sendMail(mail, destination, outgoing, settings);
    connection?.close();
    return delivered;
  } catch (error) {
    return failed('Z', `${errorText(error)} (#4.3.0)\n`);
  }
}

export const qmailRemote: Program = {
  manual,
  async run(system) {
    system.files.write(1, bytesOf(remoteReport(await send(system))));
    return 0;
  },
};
