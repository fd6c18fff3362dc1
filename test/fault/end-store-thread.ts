/** Loaded into a hub before anything else (node --import): SIGUSR2 ends the thread of its store. */
import { syncBuiltinESMExports } from 'node:module';
import threads from 'node:worker_threads';

const { Worker } = threads;

threads.Worker = class extends Worker {
  constructor(...options: ConstructorParameters<typeof Worker>) {
    super(...options);
    process.on('SIGUSR2', () => this.terminate());
  }
};
syncBuiltinESMExports();
