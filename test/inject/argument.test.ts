/** Addresses on the command line. */
import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { completeArgument } from '../../src/inject/argument.ts';
import { InjectProblem } from '../../src/inject/index.ts';
import { createRewrite } from '../../src/inject/rewrite.ts';
import { tokenise } from '../../src/mail/index.ts';

const rewrite = createRewrite({
  host: tokenise('@h.example') ?? [],
  domain: tokenise('.d.example') ?? [],
  plus: tokenise('.p.example') ?? [],
});

test('the local part is taken as it is, the host is completed', () => {
  strictEqual(completeArgument('a b', rewrite), 'a b@h.example');
  strictEqual(completeArgument('a,<"\\@b', rewrite), 'a,<"\\@b.d.example');
  strictEqual(completeArgument('a@b@c', rewrite), 'a@b@c.d.example');
  strictEqual(completeArgument('a@b+', rewrite), 'a@b.p.example');
  strictEqual(completeArgument('\xe9@[1.2.3.4]', rewrite), '\xe9@[1.2.3.4]');
});

test('the empty address stays empty, and a VERP sender is left alone', () => {
  strictEqual(completeArgument('', rewrite), '');
  strictEqual(completeArgument('list-@x-@[]', rewrite), 'list-@x-@[]');
});

test('a host that cannot be parsed is a problem', () => {
  throws(() => completeArgument('a@b(', rewrite), InjectProblem);
});
