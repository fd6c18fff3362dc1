import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { serveSmtpDescriptors, smtpServerLimits } from '../../../src/serve/index.ts';

function serve() {
  const input = new PassThrough();
  const output = new PassThrough().setEncoding('latin1');
  let said = '';
  output.on('data', (text) => {
    said += text;
  });
  const ended = serveSmtpDescriptors({
    input,
    output,
    limits: smtpServerLimits,
    name: 'hub.test',
    implicitTls: false,
    secureContext: () => undefined,
    recipient: (address) => ({ ok: true, address }),
    begin: () => ({
      write: () => undefined,
      complete: async () => ({ verdict: 'K', text: 'ok' }),
      abandon() {},
    }),
    onTlsFailure: () => {},
  });
  return { input, output, ended, said: () => said };
}

test('QUIT ends it, before the input ends', async () => {
  const { input, ended, said } = serve();
  input.write('EHLO c\r\nQUIT\r\nNOOP\r\n');
  strictEqual(await ended, 'quit');
  match(said(), /^220 .*\r\n250-.*\r\n221 2\.0\.0 hub\.test\r\n$/s);
});

test('the end of the input ends it', async () => {
  const { input, ended, said } = serve();
  input.end('MAIL FROM:<s>\r\nRCPT TO:<r>\r\nDATA\r\nx');
  strictEqual(await ended, 'closed');
  match(said(), /354 go ahead\r\n$/);
});

test('an input that breaks, and an output that nobody reads, end it', async () => {
  const broken = serve();
  broken.input.destroy(new Error('ECONNRESET'));
  const deaf = serve();
  deaf.output.destroy(new Error('EPIPE'));
  deaf.input.write('NOOP\r\n');
  deepStrictEqual(await Promise.all([broken.ended, deaf.ended]), ['closed', 'closed']);
});
