/** Logins, and the programs that check them. */

export { readCheckCommand, readSessionCommand } from './check-command.ts';
export { type AskedSession, type CheckLink, type CheckLinkOptions, openCheckLink } from './check-link.ts';
export {
  type CheckLimits,
  type CheckPassword,
  type CheckPasswordOptions,
  checkByProgram,
  checkLimits,
  isRefusal,
  type LoginVerdict,
} from './check-password.ts';
export { newToken, tokenLength } from './check-protocol.ts';
export { type Login, loginBytesMax, packLogin, parseLogin } from './login.ts';
export {
  findLogin,
  formatEntry,
  isPossibleName,
  nameBytesMax,
  type PasswordEntry,
  parsePasswordFile,
} from './password-file.ts';
export { makeScryptHash } from './scrypt-hash.ts';
export { runningMax, type ServeChecksOptions, serveChecks } from './serve-checks.ts';
export { type CheckCommand, startCheck } from './start-check.ts';
export { isSystemPassword } from './system-password.ts';
