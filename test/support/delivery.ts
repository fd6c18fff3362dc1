/** Runs a program as qmail-local runs it from a .qmail file: the message in a file, and the variables of a delivery. */
import type { ByteString } from '../../src/system/index.ts';
import { type Capture, captureQueue, temporaryHome } from './home.ts';
import { type Ended, type Run, runProgram } from './run-program.ts';

export const deliveryEnv: Readonly<Record<string, ByteString>> = {
  SENDER: 's@x.y',
  NEWSENDER: 'owner@x.y',
  RECIPIENT: 'joe@ref.test',
  DTLINE: 'Delivered-To: joe@ref.test\n',
  RPLINE: 'Return-Path: <s@x.y>\n',
  UFLINE: 'From s@x.y Thu Jan 01 00:00:00 1970\n',
  USER: 'joe',
  LOCAL: 'joe',
  HOST: 'ref.test',
};

export interface DeliveryRun extends Run {
  /** What stands in for qmail-queue, one that takes everything unless given. */
  readonly queue?: Capture;
  /** Variables of deliveryEnv that are not set. */
  readonly unset?: readonly string[];
}

export interface DeliveryEnded extends Ended {
  readonly message: ByteString | null;
  readonly envelope: ByteString | null;
}

/** The message is on a file unless `seekable` is false. */
export async function runFromDelivery(run: DeliveryRun): Promise<DeliveryEnded> {
  const { queue = captureQueue(), unset = [], env, ...rest } = run;
  const kept = Object.entries(deliveryEnv).filter(([name]) => !unset.includes(name));
  const ended = await runProgram({
    seekable: true,
    stdin: 'Subject: x\n\nbody\n',
    ...rest,
    env: { QMAILHOME: temporaryHome(), QMAILQUEUE: queue.program, ...Object.fromEntries(kept), ...env },
  });
  return { ...ended, message: queue.message(), envelope: queue.envelope() };
}
