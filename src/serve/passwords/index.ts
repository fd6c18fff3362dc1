/** Logins, and the programs that check them. */
export {
  type CheckLimits,
  type CheckPassword,
  type CheckPasswordOptions,
  checkByProgram,
  checkLimits,
  type LoginVerdict,
} from './check-password.ts';
export { type Login, loginBytesMax, packLogin, parseLogin } from './login.ts';
export type { CheckCommand } from './start-check.ts';
