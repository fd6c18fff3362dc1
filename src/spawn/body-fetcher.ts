/**
 * Fetches messages from qmail-send with the tokens that came with the jobs (body-listener.ts). A small message is held in
 * memory, a longer one in a file without a name. The connection is kept for the next message.
 */
import { connect } from 'node:net';
import type { MessageBody } from '../mail/index.ts';
import { type Frame, type FrameLink, openFrameLink } from '../process/index.ts';
import { createSpill, type Spill } from '../submit/index.ts';
import { type ByteString, bytesOf, type Descriptor, type System } from '../system/index.ts';
import { bodyFrame, bodySocketPath } from './body-protocol.ts';

export interface FetchedBody extends MessageBody {
  /** A descriptor of a file with the message, at its first byte. */
  descriptor(): Descriptor;
  /** Frees the message, once. */
  release(): void;
}

export interface BodyFetcher {
  /** Rejects when the message cannot be had now. */
  fetch(token: ByteString, sizeBytes: number): Promise<FetchedBody>;
  close(): void;
}

interface Fetching {
  readonly spill: Spill;
  readonly sizeBytes: number;
  readonly resolve: (body: FetchedBody) => void;
  readonly reject: (error: Error) => void;
}

export function createBodyFetcher(system: System, queueDirectory: string): BodyFetcher {
  const fetching = new Map<number, Fetching>();
  let link: FrameLink | undefined;
  let last = 0;

  function fail(number: number, reason: string): void {
    const one = fetching.get(number);
    if (one === undefined) return;
    fetching.delete(number);
    one.spill.close();
    one.reject(new Error(`unable to fetch the message from qmail-send: ${reason}`));
  }

  function complete(number: number, { spill, sizeBytes, resolve }: Fetching): void {
    if (spill.sizeBytes !== sizeBytes) {
      fail(number, `${spill.sizeBytes} of ${sizeBytes} bytes came`);
      return;
    }
    fetching.delete(number);
    resolve({
      sizeBytes,
      chunks: () => spill.chunks(),
      descriptor: () => spill.descriptor(),
      release: () => spill.close(),
    });
  }

  function take({ type, number, payload }: Frame): void {
    const one = fetching.get(number);
    if (one === undefined) return;
    if (type === bodyFrame.piece && one.spill.sizeBytes + payload.length <= one.sizeBytes) {
      try {
        one.spill.write(payload);
      } catch (error) {
        fail(number, `no room for it: ${String(error)}`);
      }
    } else if (type === bodyFrame.end) complete(number, one);
    else
      fail(number, type === bodyFrame.failed ? payload.toString('latin1') : 'it is longer than it should be');
  }

  function open(): FrameLink {
    const opened = openFrameLink(connect(bodySocketPath(queueDirectory)), {
      onFrame: take,
      onEnd(reason) {
        if (link === opened) link = undefined;
        for (const number of [...fetching.keys()]) fail(number, reason ?? 'it has closed the connection');
        opened.destroy();
      },
    });
    return opened;
  }

  return {
    fetch(token, sizeBytes) {
      link ??= open();
      last = last === 0xffff_ffff ? 1 : last + 1;
      const number = last;
      link.send(bodyFrame.fetch, number, bytesOf(token));
      return new Promise((resolve, reject) => {
        fetching.set(number, { spill: createSpill(system), sizeBytes, resolve, reject });
      });
    },
    close: () => link?.destroy(),
  };
}
