import { describe, expect, test } from '@jest/globals';
import { journalError } from '../../../src/kernel/errors.js';
import { epochMs } from '../../../src/kernel/time.js';
import { ProcessFacts, type ProcessFact } from '../../../src/processes/main/process-facts.js';

function world() {
  const written: string[] = [];
  const faults: unknown[] = [];
  let now = 0;
  let outage: string | undefined;
  const journal: Parameters<ProcessFact>[0] = {
    processStarted: (name, _versions, attempt, at) => {
      if (outage !== undefined) {
        const code = outage;
        return Promise.reject(journalError('stop', { code, message: 'no', remedy: 'Wait.' }));
      }
      written.push(`${name} ${attempt} at ${String(at)}`);
      return Promise.resolve();
    },
    processCrashed: () => Promise.resolve(),
  };
  const facts = new ProcessFacts({ now: () => epochMs(now++), onTrouble: (error) => faults.push(error) });
  const keep = (name: 'web' | 'engine', attempt = 0): void =>
    facts.keep((to, at) => to.processStarted(name, { versionTag: '1', nodeVersion: '24' }, attempt, at));
  return { facts, journal, written, faults, keep, refuse: (code: string | undefined) => (outage = code) };
}

describe('starts and ends of processes', () => {
  test('what was kept before there was a journal is written in its order, with its time, once', async () => {
    const { facts, journal, written, keep } = world();
    keep('web');
    keep('engine');
    expect(facts.waiting).toBe(true);
    await facts.writeTo(journal);
    await facts.writeTo(journal);
    expect(written).toEqual(['web 0 at 0', 'engine 0 at 1']);
    expect(facts.waiting).toBe(false);
  });

  test('an outage of the journal keeps them; another refusal is reported and does not hold the rest up', async () => {
    const { facts, journal, written, faults, keep, refuse } = world();
    refuse('JOURNAL_STALLED');
    keep('web');
    await facts.writeTo(journal);
    expect([written, faults.length, facts.waiting]).toEqual([[], 1, true]);
    refuse('EVENT_INVALID');
    await facts.writeTo(journal);
    expect([faults.length, facts.waiting]).toEqual([2, false]);
    refuse(undefined);
    keep('engine');
    await facts.writeTo(journal);
    expect(written).toEqual(['engine 0 at 1']);
  });

  test('no more than 200 are kept, the newest of them', async () => {
    const { facts, journal, written, keep } = world();
    for (let attempt = 0; attempt < 250; attempt += 1) keep('web', attempt);
    await facts.writeTo(journal);
    expect(written).toHaveLength(200);
    expect(written.at(-1)).toBe('web 249 at 249');
  });
});
