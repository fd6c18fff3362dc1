/** What qmail-inject and sendmail do to a header and to addresses on the command line. */
export { recipientsMax } from './complete.ts';
export { headerLimits, type Injection, inject, printInjected } from './inject.ts';
export { InjectProblem } from './problem.ts';
export { type ReceiptRequest, readReceiptRequest } from './receipt-request.ts';
export { type Identity, readSettings, type Settings } from './settings.ts';
