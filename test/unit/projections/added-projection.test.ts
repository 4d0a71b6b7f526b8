import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { ignore, projection, type After, type Projection } from '../../../projections/kit/projection.js';
import { twoDays } from '../support/day-tape.js';
import { removeTemporaryHomes } from '../support/home.js';
import { ReportHome } from '../support/report-home.js';

afterAll(removeTemporaryHomes);

const pathOf = (home: ReportHome): string => `${home.paths.output.bot}/settings_changed.txt`;

/** Counts the settings that were changed, and says whether the trade history was there by then. */
function added(home: ReportHome, after: After = ['trade-history']): Projection {
  const path = pathOf(home);
  const history = home.paths.output.tradeHistoryCsv;
  return projection<'config', number, never>({
    name: 'settings-changed',
    version: 1,
    contexts: ['config'],
    after,
    initial: () => 0,
    handlers: {
      ConfigChanged: (changed, event) => changed + event.data.changes.length,
      ConfigChangeDeferred: ignore,
      InverseEtfsChanged: ignore,
      OwnStrategiesFound: ignore,
      ConfigChangeWithdrawn: ignore,
    },
    files: {
      claims: [path],
      render: (changed) => [
        { path, text: `${changed} changed, history: ${String(existsSync(home.fileNow(history)))}\n` },
      ],
    },
  });
}

test('a projection that is added to the list is built, shown in the status, rebuilt and checked', async () => {
  const home = new ReportHome();
  const tape = twoDays();
  const changes = tape.events.flatMap((event) => (event.type === 'ConfigChanged' ? event.data.changes : []));
  const projector = home.projector(tape, 10, [added(home), ...home.projections()]);
  await projector.catchUp();
  const text = readFileSync(pathOf(home), 'utf8');
  expect(text).toBe(`${changes.length} changed, history: true\n`);

  const { projections } = home.json(home.paths.output.statusJson) as { projections: readonly { name: string }[] };
  expect(projections.map(({ name }) => name)).toContain('settings-changed');

  rmSync(pathOf(home));
  await projector.rebuild('settings-changed');
  expect(readFileSync(pathOf(home), 'utf8')).toBe(text);
  expect((await projector.check('all')).ok).toBe(true);
  await projector.close();
});

test('an added projection that claims a file of another is refused', () => {
  const home = new ReportHome();
  const greedy = { ...added(home), claims: [home.paths.output.statusJson] };
  expect(() => home.projector(twoDays(), 10, [...home.projections(), greedy])).toThrow(
    expect.objectContaining({ code: 'FILE_CLAIMED_TWICE' }),
  );
});

test('an added projection that waits for the status, which waits for all, is refused', () => {
  const home = new ReportHome();
  expect(() => home.projector(twoDays(), 10, [...home.projections(), added(home, ['status'])])).toThrow(
    expect.objectContaining({ code: 'PROJECTION_AFTER_CIRCLE' }),
  );
});
