import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressText, deliveryLine, reportText } from '../../src/send/log.ts';

test('a report is one line of printable text', () => {
  assert.equal(reportText('did 1+0+0\n100% \t\xff'), 'did_1+0+0/100____');
  assert.equal(deliveryLine(3, { verdict: 'K', text: 'ok\n' }), 'delivery 3: success: ok/');
  assert.equal(deliveryLine(3, { verdict: 'Z', text: '' }), 'delivery 3: deferral: ');
  assert.equal(deliveryLine(3, { verdict: 'D', text: 'no' }), 'delivery 3: failure: no');
});

test('an address cannot forge a line', () => {
  assert.equal(addressText('a b\nend msg 1@c'), 'a_b_end_msg_1@c');
});
