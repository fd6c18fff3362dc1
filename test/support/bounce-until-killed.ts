/**
 * bounce-until-killed DIRECTORY STEP: a hub whose first message bounces, and which kills itself at a step of that.
 * The steps are what the bouncer asks of the store, and turns of the event loop while the store is at work.
 */
import type { IncomingMessage, Store } from '../../src/queue/index.ts';
import { submit } from './open-store.ts';
import { openSending, until } from './sending.ts';

const [, , directory = '', last = ''] = process.argv;

/** Turns of the event loop that count as steps while a commit is on its way. */
const commitTurns = 4;

let step = 0;

function next(): void {
  if (step === Number(last)) process.kill(process.pid, 'SIGKILL');
  step += 1;
}

function stepping(incoming: IncomingMessage): IncomingMessage {
  let sinceStep = 0;
  return {
    ...incoming,
    write(bytes) {
      sinceStep += bytes.length;
      if (sinceStep >= 32_768) {
        next();
        sinceStep = 0;
      }
      return incoming.write(bytes);
    },
    async commit(envelope) {
      next();
      const committed = incoming.commit(envelope);
      for (let turn = 0; turn < commitTurns; turn += 1) {
        next();
        await new Promise(setImmediate);
      }
      const answer = await committed;
      next();
      return answer;
    },
  };
}

function through(store: Store): Store {
  return {
    ...store,
    beginBounce(message) {
      next();
      const incoming = stepping(store.beginBounce(message));
      next();
      return incoming;
    },
  };
}

const { store, sender, events, stop } = await openSending({
  directory,
  controls: { concurrencyremote: '0\n', bouncemaxbytes: '0\n' },
  deliver: async () => ({ verdict: 'D', text: 'Nobody here. (#5.1.1)\n' }),
  through,
});
sender.start();
// Large enough for chunks that are on the disk before the envelope is.
await submit(store, `Subject: x\n\n${'body\n'.repeat(16_000)}`, ['no1@local', 'no2@local'], 's@away');
await until(() => events.some(({ event }) => event === 'bounce'));
await stop();
