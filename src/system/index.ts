/** The system contract: the only door between satellite code and the world. */
export { consistsOf, parseIpv4, parseIpv6 } from './address.ts';
export { asciiJson } from './ascii-json.ts';
export {
  type ByteString,
  byteStringOf,
  bytesOf,
  concatBytes,
  lowerAscii,
  printable,
  textOf,
} from './bytes.ts';
export { last } from './last.ts';
export type {
  DatagramSocket,
  Descriptor,
  DescriptorMap,
  FileKind,
  FileStatus,
  Files,
  Identities,
  LocalListener,
  LocalPlace,
  Network,
  OpenMode,
  ProgramExit,
  ProgramPeer,
  ProgramRun,
  SecurePeer,
  SecureStream,
  Stream,
  System,
} from './system.ts';
export { errorCode, errorText, SystemError, UnreadError } from './system-error.ts';
export { type Answer, isVerdict, type Verdict, verdicts } from './verdict.ts';
export { wholeNumber } from './whole-number.ts';
