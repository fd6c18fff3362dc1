/** Constant databases: files that answer "what belongs to this key?" with two reads (cdb(5)). */
export type { CdbBytes } from './format.ts';
export { type Cdb, type CdbReading, type CdbRecord, openCdb, readCdb } from './reader.ts';
export { type CdbWriter, type CdbWriting, createCdb, writeCdb } from './writer.ts';
