import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { withPrefix } from '../../src/remote/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { messageBody } from '../support/message-body.ts';

test('bytes before a message are read before it, each time, and counted', () => {
  const whole = withPrefix(bytesOf('X: y\n'), messageBody('Subject: s\n\nb\n'));
  for (let time = 0; time < 2; time += 1) {
    deepStrictEqual(Buffer.concat([...whole.chunks()]).toString('latin1'), 'X: y\nSubject: s\n\nb\n');
  }
  deepStrictEqual(whole.sizeBytes, 19);
  deepStrictEqual(
    [...withPrefix(new Uint8Array(0), messageBody('')).chunks()].flatMap((piece) => [...piece]),
    [],
  );
});
