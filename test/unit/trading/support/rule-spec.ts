import { expect, test } from '@jest/globals';
import type { Rule } from '../../../../src/trading/action.js';
import { actionLines } from './action-lines.js';
import { RuleWorld } from './rule-world.js';

/** One event before the rule is evaluated. */
export type Given = (world: RuleWorld) => void;

/** A named case of a rule table, evaluated only when its test runs. */
export interface RuleCase {
  readonly actual: () => readonly string[];
  readonly expected: readonly string[];
}

/**
 * `ruleSpec(rule).given(events).at(time).then(actions)`. Times are UTC on the trading day 2013-10-07 (13:30 to 20:00); a
 * time without seconds is the end of a minute of market data. No action means that the rule has nothing to do.
 */
export function ruleSpec(rule: Rule): {
  readonly given: (...facts: readonly Given[]) => {
    readonly at: (time: string) => { readonly then: (...actions: readonly string[]) => RuleCase };
  };
} {
  return {
    given: (...facts) => ({
      at: (time) => ({
        then: (...expected) => ({ expected, actual: () => outcome(rule, facts, time) }),
      }),
    }),
  };
}

function outcome(rule: Rule, facts: readonly Given[], time: string): readonly string[] {
  const world = new RuleWorld();
  for (const fact of facts) fact(world);
  world.moveTo(time);
  const atMinute = time.length === 'hh:mm'.length;
  return actionLines(rule(world.state, world.context(), world.now, atMinute));
}

/** One test for each row: its name and its case. */
export function ruleTable(rows: Readonly<Record<string, RuleCase>>): void {
  test.each(Object.entries(rows))('%s', (_name, { actual, expected }) => {
    expect(actual()).toEqual(expected);
  });
}
