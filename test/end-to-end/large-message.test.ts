import { eachBody } from '../support/bodies.ts';
import { executablesMissing } from '../support/built-hub.ts';
import { measuringMissing } from '../support/measure.ts';
import { largeMessage } from './large-message.ts';

eachBody(
  '300 MB pass from a satellite to a Maildir through little memory, and arrive whole',
  {
    skip: executablesMissing || measuringMissing,
  },
  (context) => largeMessage(context, 300_000_000),
);
