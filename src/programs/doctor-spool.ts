/** The part of qmail-doctor that looks at the spool: is there room, can it be written to, and does it empty itself. */
import { directoryIn, readSpoolSettings, type SpoolSettings } from '../satellite/index.ts';
import { countSpool } from '../satellite/later.ts';
import { type ByteString, errorCode, errorText, type System } from '../system/index.ts';
import type { Finding } from './doctor-finding.ts';
import { formatDuration } from './duration.ts';

/** With a flush each minute nothing waits that long while a hub answers. */
const patienceMs = 30 * 60_000;

const writableByAll = 0o002;

function parentOf(path: ByteString): ByteString {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** Whether the caller can keep something there: tried, since permissions do not tell all. */
function inspectPlace(system: System, directory: ByteString): Finding {
  const what = 'spool';
  const { files } = system;
  try {
    const { kind, mode } = files.status(directory);
    if (kind !== 'directory') return { what, state: 'problem', says: `${directory} is no directory` };
    if ((mode & writableByAll) !== 0) {
      const says = `everybody can write to ${directory}, and send mail in the name of others`;
      return { what, state: 'warning', says, advice: `chmod 700 ${directory}` };
    }
    const attempt = `${directory}/.doctor-${system.pid}`;
    files.close(files.open(attempt, 'create', 0o600));
    files.unlink(attempt);
    return { what, state: 'ok', says: `${directory} can be written to` };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return { what, state: 'ok', says: `${directory} is not there yet, and is made with the first message` };
    }
    const says = `this user cannot keep messages: ${errorText(error)}`;
    return {
      what,
      state: 'problem',
      says,
      advice: 'call this as who sends mail, or give the spool to that user',
    };
  }
}

function inspectRoom(system: System, settings: SpoolSettings): Finding {
  const what = 'room in the spool';
  const { directory, freeBytes, messagesMax } = settings;
  let place = directory;
  try {
    system.files.status(directory);
  } catch {
    place = parentOf(directory);
  }
  try {
    const free = system.files.freeBytes(place);
    if (free < freeBytes) {
      const says = `${free} bytes are free on its disk, and control/spoolfree asks for ${freeBytes}`;
      return { what, state: 'problem', says, advice: 'make room: what no hub takes is refused' };
    }
    const { messages } = countSpool(system, settings);
    if (messages < messagesMax)
      return { what, state: 'ok', says: `for ${messagesMax - messages} messages more` };
    const says = `it is full: ${messages} messages`;
    return {
      what,
      state: 'problem',
      says,
      advice: 'qmail-flush sends them; control/spoolmessages is the limit',
    };
  } catch (error) {
    return { what, state: 'problem', says: `${place}: ${errorText(error)}` };
  }
}

function inspectWaiting(system: System, settings: SpoolSettings): readonly Finding[] {
  const what = 'messages in the spool';
  const { messages, oldestMs, failed } = countSpool(system, settings);
  const findings: Finding[] = [];
  const ageMs = oldestMs === undefined ? 0 : Math.max(system.now() - oldestMs, 0);
  if (messages === 0) findings.push({ what, state: 'ok', says: 'none' });
  else {
    const says = `${messages}, the oldest ${formatDuration(ageMs)} old`;
    if (ageMs <= patienceMs) findings.push({ what, state: 'ok', says });
    else
      findings.push({
        what,
        state: 'warning',
        says,
        advice: 'run qmail-flush; does its timer or its line of cron run?',
      });
  }
  if (failed > 0) {
    const says = `${failed} that nobody takes, and of which nobody can be told`;
    findings.push({
      what: 'spool/failed',
      state: 'warning',
      says,
      advice: `look into ${settings.directory}/failed`,
    });
  }
  return findings;
}

/** Where others keep the messages, it is theirs to look after the spool. */
function inspectOthers(system: System, name: 'collector' | 'drop', who: string): Finding | undefined {
  const what = `control/${name}`;
  try {
    const directory = directoryIn(system, name);
    if (directory === undefined) return undefined;
    if (system.files.status(directory).kind !== 'directory') throw new Error(`${directory} is no directory`);
    return { what, state: 'ok', says: `messages go through ${directory}, and ${who} looks after the spool` };
  } catch (error) {
    return { what, state: 'problem', says: errorText(error), advice: `nothing can be sent without ${who}` };
  }
}

export function inspectSpool(system: System): readonly Finding[] {
  const others =
    inspectOthers(system, 'collector', 'qmail-collectd') ?? inspectOthers(system, 'drop', 'the flush');
  if (others !== undefined) return [others];
  const what = 'spool';
  try {
    const settings = readSpoolSettings(system);
    if (settings === undefined) {
      return [{ what, state: 'ok', says: 'none: what no hub takes is refused, and not kept' }];
    }
    const place = inspectPlace(system, settings.directory);
    if (place.state === 'problem') return [place];
    return [place, inspectRoom(system, settings), ...inspectWaiting(system, settings)];
  } catch (error) {
    return [{ what, state: 'problem', says: errorText(error) }];
  }
}
