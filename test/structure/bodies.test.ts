/** Who starts a program of the satellite does so in each of its bodies, and what one of them leaves out is known. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { bodyExceptions } from '../support/body-exceptions.ts';
import { files, textOfFile } from '../support/sources.ts';

/** Tests of what only the executable on Node has, and tests that start it beside something else that they are about. */
const aboutNode: Readonly<Record<string, string>> = {
  'test/main-satellite.test.ts': 'the entry point of the executable on Node',
  'test/programs/start-node.test.ts': 'how a process begins on Node',
  'test/programs/qmail-collectd.test.ts': 'the collector listens, and is in the executable on Node alone',
  'test/programs/qmail-doctor.test.ts': 'in the executable on Node alone',
  'test/programs/qmail-qmqpd.test.ts': 'a program of the hub; a satellite is one of its clients',
  'test/programs/qmail-satellites.test.ts': 'a program of the hub; satellites enrol with qmail-enroll',
  'test/end-to-end/programs-in-qmail-files.test.ts': 'programs that a delivery on a hub runs',
  'test/support/run-program.test.ts': 'the runner itself',
};

const starts = ['satelliteMain', 'startSatellite'];

test('every test that starts a satellite runs in each body, or says why not', () => {
  const tests = files('test/**/*.test.ts').filter((file) => file !== 'test/structure/bodies.test.ts');
  const starting = tests.filter((file) => starts.some((name) => textOfFile(file).includes(name)));
  const unaware = starting.filter(
    (file) => !/\beachBody\(|of bodies\)|satellite: true/.test(textOfFile(file)),
  );
  deepStrictEqual(
    unaware.sort(),
    Object.keys(aboutNode)
      .filter((file) => starting.includes(file))
      .sort(),
  );
  deepStrictEqual(
    Object.keys(aboutNode).filter((file) => !starting.includes(file)),
    [],
  );
});

test('what is left out is a test that there is, and has a reason', () => {
  for (const { file, test: name = '', reason } of bodyExceptions) {
    const text = textOfFile(file);
    ok(text.includes(name) || text.includes('vectors<'), `${file} has no test ${name}`);
    ok(reason.length > 10, name);
  }
});
