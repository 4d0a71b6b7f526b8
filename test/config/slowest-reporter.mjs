import { relative } from 'node:path';

const SHOWN = 15;
const seconds = (ms) => `${(ms / 1000).toFixed(1).padStart(7)} s`;

/** Prints where the time of a run went: its slowest files, with everything that they set up, and its slowest tests. */
export default class SlowestReporter {
  constructor(globalConfig) {
    this.rootDir = globalConfig.rootDir;
  }

  onRunComplete(_contexts, { testResults }) {
    const files = testResults.map(({ testFilePath, perfStats }) => ({
      name: relative(this.rootDir, testFilePath),
      ms: perfStats.runtime,
    }));
    const tests = testResults.flatMap(({ testFilePath, testResults: results }) =>
      results.map(({ fullName, duration }) => ({
        name: `${relative(this.rootDir, testFilePath)}: ${fullName}`,
        ms: duration ?? 0,
      })),
    );
    const total = files.reduce((sum, { ms }) => sum + ms, 0);
    const lines = [
      `Slowest of ${files.length} files, ${seconds(total).trim()} in all:`,
      ...top(files),
      `Slowest of ${tests.length} tests:`,
      ...top(tests),
    ];
    process.stderr.write(`\n${lines.join('\n')}\n`);
  }
}

function top(entries) {
  return entries
    .toSorted((one, other) => other.ms - one.ms)
    .slice(0, SHOWN)
    .map(({ name, ms }) => `${seconds(ms)}  ${name}`);
}
