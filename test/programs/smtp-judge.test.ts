import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { smtpJudge } from '../../src/programs/smtp-judge.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

const judge = (controls: Readonly<Record<string, string>>) => {
  const system = nodeSystem([]);
  return smtpJudge(system, openControl(system, temporaryHome(controls)))();
};

test('without the file nobody is judged; a name in it, or that of this host, is whose judgement it is', () => {
  strictEqual(judge({ me: 'hub.test\n' }), undefined);
  strictEqual(judge({ me: 'hub.test\n', authresults: '' })?.name, 'hub.test');
  strictEqual(judge({ me: 'hub.test\n', authresults: 'mx.test\n' })?.name, 'mx.test');
});

test('what is no name is refused, with the file', () => {
  throws(() => judge({ authresults: '' }), /control\/authresults/);
  throws(() => judge({ me: 'hub.test\n', authresults: 'a; b\n' }), /control\/authresults: a; b is no name/);
});
