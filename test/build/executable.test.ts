import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { makeExecutable } from '../../build/executable.ts';
import { nodeBody } from '../../build/node-body.ts';
import { findTarget } from '../../build/targets.ts';
import { temporaryDirectory } from '../support/home.ts';

const program = `
const { getAsset } = require('node:sea');
const { Worker } = require('node:worker_threads');
const worker = new Worker(getAsset('sum-worker', 'utf8'), { eval: true, workerData: [1, 2, 3] });
worker.on('message', (sum) => console.log(JSON.stringify({ called: process.argv.slice(1), sum })));
`;

const worker = `
const { parentPort, workerData } = require('node:worker_threads');
parentPort.postMessage(workerData.reduce((sum, value) => sum + value));
`;

test('an executable knows by which name it was called, takes every argument, and starts its workers', async () => {
  const directory = temporaryDirectory();
  const body = nodeBody(findTarget(undefined));
  const output = `${directory}/program`;
  await makeExecutable({ code: program, assets: { 'sum-worker': worker }, body, codeCache: true }, output);
  deepStrictEqual(readdirSync(directory), ['program']);
  symlinkSync('program', `${directory}/other`);
  for (const name of ['program', 'other']) {
    const args = ['--inspect', '-e', '--', '', '--version'];
    const printed = execFileSync(`${directory}/${name}`, args, { encoding: 'utf8' });
    deepStrictEqual(JSON.parse(printed), { called: [`${directory}/${name}`, ...args], sum: 6 });
  }
});

test('a body of another version is refused: its blob would not fit', async () => {
  const directory = temporaryDirectory();
  const body = { path: '/nowhere', version: '1.0.0' };
  await rejects(
    makeExecutable({ code: '', assets: {}, body, codeCache: false }, `${directory}/x`),
    /cannot make/,
  );
  strictEqual(readdirSync(directory).length, 0);
});
