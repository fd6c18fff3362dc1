import { eachBody } from '../support/bodies.ts';
import { executablesMissing } from '../support/built-hub.ts';
import { killedSatellites } from './killed-satellite.ts';

eachBody(
  'of a satellite that is killed the hub takes the whole message or nothing',
  {
    skip: executablesMissing,
  },
  (context) => killedSatellites(context, { kills: 20, satellites: 4 }),
);
