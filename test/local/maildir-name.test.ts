import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { hostInName, maildirName } from '../../src/local/maildir-name.ts';

test('a name says when, in which process, as which of its deliveries, and in which inode', () => {
  const name = maildirName(1_762_332_278_250);
  const [, sequence = ''] = /^1762332278\.M250000P\d+Q(\d+)\./.exec(name()) ?? [];
  assert.equal(name(), `1762332278.M250000P${process.pid}Q${sequence}.${hostname()}`);
  assert.equal(name(0x1fn), `1762332278.M250000P${process.pid}Q${sequence}I1f.${hostname()}`);
});

test('a busy process never makes the same name twice', () => {
  const names = Array.from({ length: 10_000 }, () => maildirName(1_762_332_278_250)());
  assert.equal(new Set(names).size, names.length);
});

test('a host name can neither leave the directory nor begin the flags', () => {
  assert.equal(hostInName('a/b:c/d.example'), 'a\\057b\\072c\\057d.example');
});
