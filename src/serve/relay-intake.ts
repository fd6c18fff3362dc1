/**
 * The queue of this host, seen from a network server: an intake whose messages go to qmail-send over one connection
 * (relay-protocol.ts). The connection is made when a message needs it, and made again when it was lost; a message that
 * was on its way then is answered with Z.
 */
import { connect } from 'node:net';
import type { Envelope } from '../mail/index.ts';
import { type Frame, type FrameLink, openFrameLink, packFields, unpackFields } from '../process/index.ts';
import type { IncomingMessage, Intake, Origin } from '../queue/index.ts';
import { type Answer, type ByteString, errorText, isVerdict, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { relayFrame, relaySocketPath } from './relay-protocol.ts';

const proofMode = 0o400;

/** Bytes of a message, or of addresses, that go together: less than a frame may have. */
const pieceBytesMax = 100_000;

const numberMax = 0xffff_ffff;

/** How long it may take to find a recipient; one that takes longer passes. */
const checkMsMax = 10_000;

export interface RelayIntake extends Intake {
  /** Whether there is such a recipient here. What cannot be told passes: the delivery will say. */
  isKnown(address: ByteString): Promise<boolean>;
  /** Ends the connection. */
  close(): void;
}

interface Waiting {
  answer(answer: Answer, id: number): void;
}

/** A connection to qmail-send. What is said before it is proven who speaks waits until then. */
interface Connection {
  send(type: number, number: number, payload?: Uint8Array): void;
  /** A promise while there is more to send than should be. */
  congested(): Promise<void> | undefined;
  /** Messages that wait for their answer. */
  readonly waiting: Map<number, Waiting>;
  end(): void;
}

function goneAnswer(reason: string | undefined): Answer {
  const details = reason === undefined ? '' : `: ${reason}`;
  return { verdict: 'Z', text: `the queue does not answer; is qmail-send running?${details} (#4.3.0)` };
}

function isNonce(text: string): boolean {
  return text !== '' && [...text].every((char) => '0123456789abcdef'.includes(char));
}

/** The addresses in order, as many together as fit into a frame. */
function* inGroups(addresses: readonly ByteString[]): Generator<readonly ByteString[]> {
  let group: ByteString[] = [];
  let bytes = 0;
  for (const address of addresses) {
    if (group.length > 0 && bytes + address.length > pieceBytesMax) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(address);
    // The length of each goes with it.
    bytes += address.length + 4;
  }
  if (group.length > 0) yield group;
}

function openConnection(system: System, directory: ByteString, onOver: () => void): Connection {
  const waiting = new Map<number, Waiting>();
  const ready = Promise.withResolvers<void>();
  let held: (() => void)[] | undefined = [];
  let problem: string | undefined;
  let over = false;

  function prove(nonce: string): void {
    if (!isNonce(nonce)) throw new Error('it does not speak as it should');
    system.files.close(system.files.open(`${directory}/proof/${nonce}`, 'create', proofMode));
    link.send(relayFrame.proven, 0);
    for (const send of held ?? []) send();
    held = undefined;
    ready.resolve();
  }

  function answered(number: number, payload: Buffer): void {
    const one = waiting.get(number);
    const [verdict = '', text = '', id = ''] = unpackFields(payload) ?? [];
    if (one === undefined || !isVerdict(verdict)) return;
    waiting.delete(number);
    one.answer({ verdict, text }, Number(id));
  }

  const link: FrameLink = openFrameLink(connect(relaySocketPath(nativeText(directory))), {
    onFrame({ type, number, payload }: Frame) {
      try {
        if (type === relayFrame.nonce && held !== undefined) prove(payload.toString('latin1'));
        else if (type === relayFrame.answer) answered(number, payload);
      } catch (error) {
        problem = errorText(error);
        link.destroy();
      }
    },
    onEnd(reason) {
      over = true;
      onOver();
      ready.resolve();
      for (const one of waiting.values()) one.answer(goneAnswer(problem ?? reason), 0);
      waiting.clear();
      link.destroy();
    },
  });

  return {
    waiting,
    send(type, number, payload) {
      if (held === undefined) link.send(type, number, payload);
      else held.push(() => link.send(type, number, payload));
    },
    congested() {
      if (over) return undefined;
      return held === undefined ? link.congested() : ready.promise;
    },
    end: () => link.end(),
  };
}

/** `home` holds queue/. */
export function relayIntake(system: System, home: ByteString): RelayIntake {
  let current: Connection | undefined;
  let last = 0;

  function connection(): Connection {
    if (current !== undefined) return current;
    const opened = openConnection(system, `${home}/queue`, () => {
      if (current === opened) current = undefined;
    });
    current = opened;
    return opened;
  }

  function nextNumber(): number {
    last = last === numberMax ? 1 : last + 1;
    return last;
  }

  return {
    isKnown(address) {
      const mine = connection();
      const number = nextNumber();
      mine.send(relayFrame.check, number, packFields([address]));
      return new Promise((resolve) => {
        const pass = setTimeout(() => resolve(true), checkMsMax);
        mine.waiting.set(number, {
          answer({ verdict }) {
            clearTimeout(pass);
            resolve(verdict !== 'D');
          },
        });
      });
    },
    begin({ host, received = '' }: Origin): IncomingMessage {
      const mine = connection();
      const number = nextNumber();
      let id = 0;
      mine.send(relayFrame.begin, number, packFields([host, received]));
      return {
        get id() {
          return id;
        },
        write(bytes) {
          for (let from = 0; from < bytes.length; from += pieceBytesMax) {
            mine.send(relayFrame.data, number, new Uint8Array(bytes.subarray(from, from + pieceBytesMax)));
          }
          return mine.congested();
        },
        commit({ sender, recipients }: Envelope): Promise<Answer> {
          // On another connection nobody knows of this message.
          if (mine !== current) return Promise.resolve(goneAnswer(undefined));
          for (const group of inGroups(recipients)) {
            mine.send(relayFrame.recipients, number, packFields(group));
          }
          mine.send(relayFrame.commit, number, packFields([sender]));
          return new Promise((resolve) => {
            mine.waiting.set(number, {
              answer(answer, given) {
                id = given;
                resolve(answer);
              },
            });
          });
        },
        abort: () => mine.send(relayFrame.abort, number),
      };
    },
    close: () => current?.end(),
  };
}
