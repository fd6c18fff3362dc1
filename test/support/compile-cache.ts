/**
 * Where Node keeps what it has compiled of our sources, which is half of what a program that runs from them takes to begin
 * (scripts/test sets it): a part of the environment for tests that give their programs one of their own.
 */
const directory = process.env['NODE_COMPILE_CACHE'];

export const compileCache: Readonly<Record<string, string>> =
  directory === undefined ? {} : { NODE_COMPILE_CACHE: directory };
