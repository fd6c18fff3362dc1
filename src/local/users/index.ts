/** Who a local address belongs to: users/cdb, the system's accounts, the alias user. */
export { accountIdMax, parseAccountId } from './account-id.ts';
export type { FoundUser, LocalUser, Trouble } from './found-user.ts';
export type { SystemAccount } from './passwd.ts';
export {
  createPasswordUsers,
  type PasswordUsers,
  type PasswordUsersOptions,
  rememberMsDefault,
} from './password-users.ts';
export { type Accounts, type SystemAccountsOptions, systemAccounts } from './system-accounts.ts';
export {
  aliasNameDefault,
  createUsers,
  localBytesMax,
  type Users,
  type UsersOptions,
} from './users.ts';
