/** DNS, as the hub asks it. */
export {
  createResolver,
  type Lookup,
  type MxRecord,
  questionMs,
  questionTries,
  type Resolver,
  type ResolverOptions,
  recordsMax,
  recordsOf,
  type TextResolver,
} from './resolver.ts';
