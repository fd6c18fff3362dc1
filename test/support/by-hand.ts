import type { Job } from '../../src/send/index.ts';
import type { Answer } from '../../src/system/index.ts';

const done: Answer = { verdict: 'K', text: '' };

/** A delivery that a test ends by hand. */
export function byHand(): {
  deliver: (job: Job) => Promise<Answer>;
  jobs: Job[];
  end: (answer?: Answer) => void;
} {
  const jobs: Job[] = [];
  const waiting: ((answer: Answer) => void)[] = [];
  return {
    jobs,
    deliver: (job) => {
      jobs.push(job);
      return new Promise((resolve) => waiting.push(resolve));
    },
    end: (answer = done) => {
      for (const resolve of waiting.splice(0)) resolve(answer);
    },
  };
}
