/** What is wrong with a message, its addresses or the names they are completed with: trying again will not help. */

export class InjectProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InjectProblem';
  }
}
