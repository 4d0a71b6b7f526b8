import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ledgerProjection } from '../../../projections/ledger/ledger.js';
import { positionText } from '../../../src/adapters/journal-common/position.js';
import type { StatementPeriod } from '../../../src/app/exports/statement-periods.js';
import { homePaths } from '../../../src/domain/home/home-paths.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import type { UtcText } from '../../../src/kernel/time.js';
import { statementSource } from '../../../src/composition/statement-source.js';
import { Broker, CODES } from '../support/fills.js';
import { project } from '../support/ledger-db.js';

const home = mkdtempSync(join(tmpdir(), 'statement-'));
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const PARTS = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const identity = composeBotIdentity(PARTS);
const RANGE = { from: '2013-10-04T20:00:00.000Z' as UtcText, to: '2013-10-07T20:00:00.000Z' as UtcText };

/** From the fourth event on. */
const period = (upTo: number, after: number | null = 3): StatementPeriod => ({
  range: RANGE,
  entries: { after: after === null ? null : positionText(after), upTo: positionText(upTo) },
});

/** Opening at position 1, a buy at 2, nothing at 3 to 8, a sale at 9; the day before has a round trip with a gain. */
function booked(): ReturnType<typeof statementSource> {
  const paths = homePaths(home, identity);
  mkdirSync(dirname(paths.output.ledgerDb), { recursive: true });
  const broker = new Broker();
  const events = [
    broker.opening('100000.00'),
    broker.filled({ id: 'E1', does: 'open_long', shares: '10', price: '10.00', at: '2013-10-04T14:00:00.001Z' }),
    broker.filled({ id: 'E2', does: 'close_long', shares: '10', price: '12.00', at: '2013-10-04T15:00:00.001Z' }),
    broker.filled({ id: 'E3', does: 'open_long', shares: '5', price: '20.00', at: '2013-10-07T14:00:00.001Z' }),
  ];
  broker.position = 8;
  events.push(
    broker.filled({ id: 'E4', does: 'close_long', shares: '2', price: '21.00', at: '2013-10-07T15:00:00.001Z' }),
  );
  project(paths.output.ledgerDb, ledgerProjection({ path: paths.output.ledgerDb, codes: CODES }), events);
  return statementSource({ paths, identity, identityParts: PARTS, codes: CODES });
}

describe('statements of the ledger', () => {
  const source = booked();
  const at = (position: number) => source(period(position));

  test('they hold everything booked up to the position and nothing later', () => {
    expect(at(4).groups).toHaveLength(1);
    expect(at(4).cash).toBe(9_992_000n);
    expect(at(4).positions).toEqual([expect.objectContaining({ symbol: 'SPY', quantity: '5', unitPrice: '20.00' })]);
    expect(at(9).cash).toBe(9_996_200n);
    expect(at(9).positions).toEqual([expect.objectContaining({ quantity: '3', unitPrice: '21.00' })]);
  });

  test('they are identical for all positions between two postings', () => {
    const first = at(4);
    expect(at(8)).toBe(first);
    expect(at(8)).toBe(first);
    expect(at(9)).not.toEqual(first);
    expect(at(5)).toEqual(first);
  });

  test('a ledger that has not come to the position gives none', () => {
    expect(() => at(10)).toThrow(expect.objectContaining({ code: 'LEDGER_BEHIND' }));
  });

  test('they cover their own range only', () => {
    const before = source(period(3, null));
    expect(before.cash).toBe(10_002_000n);
    expect(before.positions).toEqual([]);
    expect(at(9).openingBalances.find(({ accountCode }) => accountCode === '1030')?.balance).toBe(10_002_000n);
    const quiet = source(period(9, 9));
    expect([quiet.groups, quiet.cash, quiet.asOf]).toEqual([[], 9_996_200n, RANGE.to]);
  });
});
