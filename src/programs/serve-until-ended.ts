/** Runs a server of the network until a signal ends it, or, under qmail-start, the end of descriptor 0. SIGHUP goes to it. */
import type { ListenAddress, ListenPlace } from '../serve/index.ts';
import { endOfInput } from './end-of-input.ts';
import { type OpenPlacesOptions, openPlaces } from './listen-places.ts';

export interface Service {
  listen(place: ListenPlace, secure: boolean): Promise<ListenAddress>;
  /** Reads the control files again. */
  reload(): void;
  /** Stops listening, and finishes what has begun. */
  close(): Promise<void>;
}

/** Answers the exit code. */
export async function serveUntilEnded(
  options: Omit<OpenPlacesOptions, 'listen'> & { readonly service: Service },
): Promise<number> {
  const { service, line } = options;
  const ended = new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
    if (line.has('relay')) endOfInput().then(resolve);
  });
  process.on('SIGHUP', service.reload);
  try {
    const problem = await openPlaces({ ...options, listen: service.listen });
    if (problem === undefined) await ended;
    return problem ?? 0;
  } finally {
    await service.close();
  }
}
