/** The operator's end of the control socket: one order for the hub that runs, if one does. */
import { connect } from 'node:net';
import { asciiJson, errorCode } from '../system/index.ts';
import { controlPath } from './control-listener.ts';
import {
  type ControlAnswer,
  type ControlRequest,
  controlAnswerBytesMax,
  controlRequestBytesMax,
  parseControlAnswer,
} from './control-protocol.ts';

/** A hub that is at work says so each second; one that is silent for so long has come to a stop. */
const silenceMsMax = 60_000;

/** No hub has this queue; the socket, if it is there, is a dead process's. */
const nobodyThere: readonly string[] = ['ENOENT', 'ECONNREFUSED'];

function isLast({ answer }: ControlAnswer, { dryRun }: ControlRequest): boolean {
  return answer === 'count' ? dryRun : answer !== 'working';
}

/**
 * Resolves when the order is over: true, or false when no hub listens in this queue directory. Rejects when the hub
 * may not be asked, or goes away before it is done.
 */
export function askHub(
  directory: string,
  request: ControlRequest,
  onAnswer: (answer: ControlAnswer) => void,
): Promise<boolean> {
  const path = controlPath(directory);
  const line = `${asciiJson(request)}\n`;
  if (line.length > controlRequestBytesMax) {
    return Promise.reject(new Error(`the filter is longer than ${controlRequestBytesMax} bytes`));
  }
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    let over = false;

    function take(bytes: string): void {
      text += bytes;
      for (let end = text.indexOf('\n'); end >= 0 && !over; end = text.indexOf('\n')) {
        const answer = parseControlAnswer(text.slice(0, end));
        text = text.slice(end + 1);
        over = isLast(answer, request);
        onAnswer(answer);
      }
      if (text.length > controlAnswerBytesMax) throw new Error('an answer without an end');
    }

    socket.setEncoding('latin1');
    socket.setTimeout(silenceMsMax, () => socket.destroy(new Error(`${path}: the hub is silent`)));
    socket.on('connect', () => socket.write(line, 'latin1'));
    socket.on('data', (bytes: string) => {
      try {
        take(bytes);
        if (over) socket.destroy();
      } catch (error) {
        socket.destroy(new Error(`${path}: the hub's answer makes no sense`, { cause: error }));
      }
    });
    socket.on('error', (error) => {
      if (nobodyThere.includes(errorCode(error))) resolve(false);
      else reject(error);
    });
    socket.on('close', () => {
      if (over) resolve(true);
      else reject(new Error(`${path}: the hub has gone away before the order was carried out to its end`));
    });
  });
}
