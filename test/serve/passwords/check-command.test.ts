import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { ownCommand } from '../../../src/process/index.ts';
import { readCheckCommand, readSessionCommand } from '../../../src/serve/passwords/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';

function controlOf(files: Readonly<Record<string, string>>) {
  return openControl(nodeSystem([]), temporaryHome(files));
}

test('without control files the programs are ours', () => {
  const own = (program: string, args: readonly string[]) => {
    const command = ownCommand(program, args);
    return [command.file, ...command.args];
  };
  deepStrictEqual(readCheckCommand(controlOf({})), own('checkpassword', []));
  deepStrictEqual(readSessionCommand(controlOf({})), own('qmail-pop3d', ['./Maildir/']));
  deepStrictEqual(readSessionCommand(controlOf({}), '/mail/Maildir'), own('qmail-pop3d', ['/mail/Maildir']));
});

test('a control file names another program, and arguments', () => {
  const control = controlOf({ checkpassword: '/opt/check  -s\tpop3 \n', pop3d: 'other-pop3d Maildir\n' });
  deepStrictEqual(readCheckCommand(control), ['/opt/check', '-s', 'pop3']);
  deepStrictEqual(readSessionCommand(control, 'x'), ['other-pop3d', 'Maildir']);
});

test('an empty one is a mistake', () => {
  throws(() => readCheckCommand(controlOf({ checkpassword: '\n' })), /control\/checkpassword is empty/);
  throws(() => readSessionCommand(controlOf({ pop3d: '  \n' })), /control\/pop3d is empty/);
});
