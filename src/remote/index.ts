/** The way to other hosts. */
export { remoteOutputBytesMax, runMsDefault } from './remote-program.ts';
export { createRemoteSpawner, type RemoteSpawnerOptions } from './remote-spawner.ts';
