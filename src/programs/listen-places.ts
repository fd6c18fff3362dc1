/** Where a server of the network is to listen, as its command line says: what servers have in common. */
import type { CommandLine, OptionManual } from '../manual/index.ts';
import {
  type ListenAddress,
  type ListenPlace,
  listenAddressText,
  parseListenAddress,
} from '../serve/index.ts';
import { errorText, type System } from '../system/index.ts';
import { complain, print } from './print.ts';

/** For qmail-start. */
export const relayOption: OptionManual = {
  name: 'relay',
  text: 'For qmail-start: hand messages to qmail-send over one connection, which only the user qmaild may do, and end, as on SIGTERM, when descriptor 0 does.',
};

const placeOptions = ['listen', 'descriptor', 'secure-listen', 'secure-descriptor'] as const;

/** `secure`: what the same is called with TLS; undefined when there is none. */
export function listenOptions(secure?: string): readonly OptionManual[] {
  const clear: readonly OptionManual[] = [
    {
      name: 'listen',
      value: 'ADDRESS:PORT',
      repeated: true,
      text: 'Listen there: an IPv4 address, an IPv6 address in brackets, or 0 for every IPv4 address; port 0 takes a free one. Each address is printed on descriptor 1 when it is ready.',
    },
    {
      name: 'descriptor',
      value: 'N',
      repeated: true,
      text: 'The same on a socket that is open there and listens already.',
    },
  ];
  if (secure === undefined) return clear;
  return [
    ...clear,
    {
      name: 'secure-listen',
      value: 'ADDRESS:PORT',
      repeated: true,
      text: `As --listen, for ${secure}.`,
    },
    {
      name: 'secure-descriptor',
      value: 'N',
      repeated: true,
      text: `As --descriptor, for ${secure}.`,
    },
  ];
}

export function isListening(line: CommandLine): boolean {
  return placeOptions.some((option) => line.values(option).length > 0);
}

const descriptorMax = 1000;

function parseDescriptor(text: string): { readonly descriptor: number } | undefined {
  const descriptor = Number(text);
  return Number.isInteger(descriptor) && descriptor > 2 && descriptor <= descriptorMax
    ? { descriptor }
    : undefined;
}

const exitUsage = 100;
const exitTemporary = 111;

export interface OpenPlacesOptions {
  readonly system: System;
  readonly line: CommandLine;
  /** The program's name. */
  readonly name: string;
  /** What is spoken, in the clear and in TLS. */
  readonly protocols: readonly [clear: string, secure?: string];
  listen(place: ListenPlace, secure: boolean): Promise<ListenAddress>;
}

/** Listens everywhere, and prints each address when it is ready. Answers an exit code when that cannot be done. */
export async function openPlaces(options: OpenPlacesOptions): Promise<number | undefined> {
  const { system, line, name, protocols, listen } = options;
  for (const option of placeOptions) {
    for (const where of line.values(option)) {
      const isAddress = option.endsWith('listen');
      const place = isAddress ? parseListenAddress(where) : parseDescriptor(where);
      if (place === undefined) {
        complain(system, name, `fatal: ${where} is no ${isAddress ? 'ADDRESS:PORT' : 'descriptor'}`);
        return exitUsage;
      }
      try {
        const secure = option.startsWith('secure');
        const address = await listen(place, secure);
        print(system, `listening ${protocols[secure ? 1 : 0]} ${listenAddressText(address)}\n`);
      } catch (error) {
        complain(system, name, `fatal: unable to listen on ${where}: ${errorText(error)}`);
        return exitTemporary;
      }
    }
  }
  return undefined;
}
