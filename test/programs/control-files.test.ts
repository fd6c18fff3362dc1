/** What qmail-showctl explains is what the manual pages name. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { controlFiles } from '../../src/programs/control-files.ts';
import { hubPrograms } from '../../src/programs/hub-table.ts';
import { qmqpServerLimits } from '../../src/serve/index.ts';
import { qmqpTimeouts } from '../../src/submit/index.ts';

test('the list holds the control files of all manual pages, in order, and no others', async () => {
  const named = new Set<string>();
  for (const load of Object.values(hubPrograms)) {
    const controls = (await load()).manual.controls ?? [];
    // A page may point to another for several files at once.
    for (const [name] of controls) if (!name.includes(' ')) named.add(name);
  }
  deepStrictEqual(
    controlFiles.map((file) => file.name),
    [...named].sort(),
  );
});

test('every sentence shows the value', () => {
  deepStrictEqual(
    controlFiles.filter((file) => file.says.split('VALUE').length !== 2),
    [],
  );
});

test('the limits of a hub and of a satellite are those of the rooms', () => {
  const preset = (name: string) => {
    const file = controlFiles.find((candidate) => candidate.name === name);
    return file?.kind === 'number' ? Number(file.preset) : undefined;
  };
  deepStrictEqual(preset('qmqpdatabytes'), qmqpServerLimits.messageBytesMax);
  deepStrictEqual(preset('qmqprecipients'), qmqpServerLimits.recipientsMax);
  deepStrictEqual(preset('concurrencyqmqp'), qmqpServerLimits.connectionsMax);
  deepStrictEqual(preset('concurrencyqmqpperip'), qmqpServerLimits.connectionsPerPeerMax);
  deepStrictEqual(preset('timeoutqmqpd'), qmqpServerLimits.idleMs / 1000);
  for (const [name, seconds] of Object.entries(qmqpTimeouts)) deepStrictEqual(preset(name), seconds);
});
