/** @jest-environment ./test/config/sources-environment.mjs */
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { everyNode, parseSource, sourcesUnder, type Source } from './support/source.js';

/** Files with timers that end nothing which somebody else has to answer in time, with the reason. */
const PAUSES: Readonly<Record<string, string>> = {
  'src/adapters/clock/running-timer.ts': 'it is the limit itself',
  'src/adapters/clock/system-pacer.ts': 'waits for a time of the world',
  'src/adapters/journal-sqlite/append-queue.ts': 'a pause before another try',
  'src/adapters/journal-sqlite/change-watcher.ts': 'a pause before another look',
  'src/adapters/journal-esdb/esdb-connection.ts': 'an append that is given up is made again',
  'src/adapters/journal-esdb/read-silence.ts': 'a read that is given up is made again',
  'src/processes/cli/setup-lock.mjs': 'a pause before another look',
  'src/processes/main/child-supervisor.ts': 'a pause before a restart',
  'src/processes/main/rotation.ts': 'a pause to gather changes',
  'src/processes/projector/projector-loop.ts': 'a pause before a comparison',
  'src/processes/web/web-context.ts': 'a pause before another look',
  'src/processes/web/common/security.ts': 'ends a connection that was refused',
  'src/processes/web/listening.ts': 'the web ends',
};

function timersOf(source: Source): readonly string[] {
  const found = new Set<string>();
  everyNode(source, (node) => {
    const call = ts.isCallExpression(node) ? node.expression : undefined;
    if (call !== undefined && ts.isIdentifier(call) && call.text === 'setTimeout') found.add(source.path);
  });
  return [...found];
}

describe('limits of waits for somebody else', () => {
  test('the rule finds a timer, and accepts a pause and a limit', () => {
    const found = (text: string): readonly string[] => timersOf(parseSource('src/a.ts', text));
    expect(found('setTimeout(() => child.kill(), 700);')).toEqual(['src/a.ts']);
    expect(found('await pause(700); new RunningTimer(700, () => child.kill());')).toEqual([]);
  });

  test('they count only the time in which the process that waits ran, for a machine may stand still', () => {
    const sources = sourcesUnder(['src/app', 'src/composition', 'src/adapters', 'src/processes']);
    expect(sources.flatMap(timersOf)).toEqual(Object.keys(PAUSES).sort());
  });
});
