/** SMTP as a transport: a connection is a socket over which conversations are carried, one message after the other. */
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ByteString, errorCode, errorText } from '../../system/index.ts';
import { connectTo } from '../connect-to.ts';
import type { Outgoing } from '../outgoing.ts';
import type { Connection, Delivered, Demands, Hop, Opening, Transport } from '../transport.ts';
import type { Capabilities } from './capabilities.ts';
import { type Carrier, createCarrier } from './carrier.ts';
import { BrokenOff } from './conversation.ts';
import { greet } from './greet.ts';
import { scanMessage } from './scan-message.ts';
import { type Transacted, transact } from './transact.ts';

export interface SmtpSettings {
  /** Whom we call ourselves. */
  readonly ownName: ByteString;
  readonly connectMs: number;
  /** How long a reply may take, and a pause of the server while a message is sent. */
  readonly replyMs: number;
  /** How long all may take that comes before the first message, from the connection on. */
  readonly openingMs: number;
  /** How long one message may take in all. */
  readonly conversationMs: number;
  /** Authorities, in PEM, in place of those that Node knows. */
  readonly authorities: string | undefined;
}

function smtpConnection(
  carrier: Carrier,
  capabilities: Capabilities,
  peer: ByteString,
  conversationMs: number,
): Connection {
  let after: Transacted['after'] = 'ready';
  let busy = false;

  async function send({ sender, recipients, body }: Outgoing): Promise<Delivered> {
    const { sizeBytes, eightBit } = await scanMessage(body);
    const reset = after === 'reset';
    after = 'over';
    const options = { sender, recipients, sizeBytes, eightBit, capabilities, peer, reset };
    const transacted = await carrier.carry(transact(options), conversationMs, body);
    after = transacted.after;
    return transacted;
  }

  return {
    async deliver(outgoing) {
      busy = true;
      try {
        return await send(outgoing);
      } catch (error) {
        after = 'over';
        return {
          recipients: [],
          message: { verdict: 'Z', text: `Unable to send the message: ${errorText(error)}. (#4.3.0)\n` },
          undecided: false,
        };
      } finally {
        busy = false;
        if (after === 'over') carrier.close();
      }
    },
    get isOpen() {
      return !busy && after !== 'over' && carrier.isIdle;
    },
    close: carrier.close,
  };
}

function failed(text: ByteString, timedOut = false): Opening {
  return { ok: false, timedOut, answer: { verdict: 'Z', text } };
}

/** On a connection that stands already. `inTls`: TLS is what failed. */
export async function openSmtpOver(
  stream: Duplex,
  hop: Hop,
  demands: Demands,
  settings: SmtpSettings,
): Promise<Opening & { readonly inTls?: boolean }> {
  const { ownName } = settings;
  const peer = hop.address;
  const carrier = createCarrier(stream, {
    host: hop.host,
    serverName: isIP(hop.host) === 0 ? hop.host : undefined,
    mustVerify: demands.tls === 'verify',
    authorities: settings.authorities,
    implicitTls: demands.implicitTls,
    replyMs: settings.replyMs,
  });
  try {
    if (demands.implicitTls) await carrier.secure();
    const greeted = await carrier.carry(greet({ ownName, peer, demands }), settings.openingMs);
    if (greeted.ok) {
      const connection = smtpConnection(carrier, greeted.capabilities, peer, settings.conversationMs);
      return { ok: true, connection };
    }
    carrier.close();
    return failed(greeted.text);
  } catch (error) {
    carrier.close();
    if (!(error instanceof BrokenOff)) throw error;
    const code = error.inTls ? '#4.7.5' : '#4.4.2';
    const text = `Connected to ${peer} but ${error.message}. (${code})\n`;
    return { ...failed(text, error.timedOut), inTls: error.inTls };
  }
}

async function open(hop: Hop, demands: Demands, settings: SmtpSettings): Promise<Opening> {
  const begunMs = performance.now();
  let socket: Socket;
  try {
    socket = await connectTo(hop, settings.connectMs);
  } catch (error) {
    const text = `Unable to connect to ${hop.address}: ${errorText(error)}. (#4.4.1)\n`;
    return failed(text, errorCode(error) === 'ETIMEDOUT');
  }
  const begun = await openSmtpOver(socket, hop, demands, settings);
  // Whoever asks for no more than TLS if possible gets the mail through without it.
  if (!begun.inTls || demands.tls !== 'may' || demands.implicitTls) return begun;
  const openingMs = settings.openingMs - (performance.now() - begunMs);
  if (openingMs <= 0) return begun;
  return await open(hop, { ...demands, tls: 'no' }, { ...settings, openingMs });
}

/** `settings` are asked for at each connection. */
export function createSmtpTransport(settings: () => SmtpSettings): Transport {
  return { open: (hop, demands) => open(hop, demands, settings()) };
}
