/** Plays the seeds `first`, `first + step` ... up to `last` of its arguments; sends counts and failures to its parent. */
const [first, step, last] = process.argv.slice(2).map(Number);
const { failureOf } = await import('./report-failure.ts');

/** Messages to the parent are as frequent as it prints. */
const REPORT_MS = 1_000;

let played = 0;
let reportedAt = 0;
for (let seed = first; seed <= last; seed += step) {
  const failure = await failureOf(seed);
  played += 1;
  if (failure === undefined && Date.now() < reportedAt + REPORT_MS) continue;
  reportedAt = Date.now();
  const { user, system } = process.cpuUsage();
  process.send({ played, failure, cpuMs: (user + system) / 1000 });
}
const { user, system } = process.cpuUsage();
process.send({ played, failure: undefined, cpuMs: (user + system) / 1000 }, () => process.disconnect());
