/** Names for a body without the C library's resolver: a small DNS client for addresses. */
export { type ResolverPlace, resolveName } from './resolver.ts';
