/** qmail-send as a whole, judged by what the original did (../shared/vectors/send.json). */
import { runSendCase, type SendCase, sendRules, sendViews } from '../support/send-vectors.ts';
import { vectors } from '../support/vectors.ts';

vectors<SendCase>({ file: 'send.json', run: runSendCase, views: sendViews, rules: sendRules });
