import { eachBody } from '../support/bodies.ts';
import { executablesMissing } from '../support/built-hub.ts';
import { spooledMessages } from './spooled-messages.ts';

for (const hubs of [1, 2]) {
  eachBody(
    `what sendmail has accepted is taken exactly once, with ${hubs} of the worst hubs`,
    {
      skip: executablesMissing,
    },
    (context) => spooledMessages(context, { messages: 80, senders: 6, hubs }),
  );
}
