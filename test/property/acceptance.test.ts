import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { floatLedgerProjection } from '../../projections/float-ledger/float-ledger.js';
import { checkEvent } from '../../src/adapters/event-codec/validator.js';
import { currentVersion, type EventData, type EventType, type NewEvent } from '../../src/events/event.js';
import { EVENT_CONTEXTS } from '../../src/events/generated/catalog.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { ALPHA, reset } from '../contract/support/journal-events.js';
import { examplesByType } from '../golden/support/release.js';
import { runs } from '../support/runs.js';
import { twoDays } from '../unit/support/day-tape.js';
import { Tape } from '../unit/support/events.js';
import { removeTemporaryHomes } from '../unit/support/home.js';
import { ReportHome } from '../unit/support/report-home.js';

afterAll(removeTemporaryHomes);

const FIGURES = [
  '0',
  '0.004',
  `0.${'0'.repeat(17)}1`,
  `0.${'0'.repeat(19)}1`,
  '1000000000000000.00',
  '1000000000000000.01',
  '90000000000000000.00',
  '90000000000000000.01',
  '92233720368547758.07',
  '92233720368547758.08',
  `1${'0'.repeat(20)}`,
  `1${'0'.repeat(20)}.00`,
  '-90000000000000000.00',
  '-92233720368547758.09',
] as const;

const FIGURE = /^-?\d+(?:\.\d+)?$/;
const CONTEXTS = ['accounting', 'float', 'orders', 'positions', 'reporting', 'risk', 'strategy'] as const;
const TYPES: readonly EventType[] = CONTEXTS.flatMap((context) => EVENT_CONTEXTS[context]);
const DATABASE_TYPES: readonly EventType[] = [
  'BrokerActivityImported',
  'FloatAdjusted',
  'FloatDeviationDetected',
  'FloatSnapshotTaken',
  'OpeningBalancesRecorded',
  'OrderFilled',
];
/** These name an earlier fill, or are whole tables. */
const NEED_MORE: readonly EventType[] = ['CoaMappingChanged', 'OrderFillBusted', 'OrderFillCorrected'];

/** The value with one figure replaced, once for each figure in it. */
function variants(value: unknown, figure: string): readonly unknown[] {
  if (typeof value === 'string') return FIGURE.test(value) ? [figure] : [];
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.flatMap((item, at) => variants(item, figure).map((changed) => items.with(at, changed)));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    variants(member, figure).map((changed) => ({ ...value, [name]: changed })),
  );
}

function isAccepted(type: EventType, data: unknown): boolean {
  const event = { ...reset('x'), type, schemaVersion: currentVersion(type), data };
  try {
    checkEvent(ALPHA, event as NewEvent);
    return true;
  } catch (error) {
    if (error instanceof TradeBotError && error.code === 'SCHEMA_VIOLATION') return false;
    throw error;
  }
}

/** Opening balances can only be the first; everything else follows two days of trading. */
function tapeWith(type: EventType, data: unknown): Tape {
  const tape = type === 'OpeningBalancesRecorded' ? new Tape() : twoDays();
  tape.add(type, data as EventData<EventType>);
  return tape;
}

/** Reasons of the projections that stopped, while following and after a rebuild. */
async function stops(tape: Tape): Promise<readonly unknown[]> {
  const report = new ReportHome('json', true);
  const floats = floatLedgerProjection({ path: report.paths.output.floatLedgerDb });
  const projector = report.projector(tape, 1_000, [...report.projections(), floats]);
  const followed = await projector.catchUp();
  await projector.rebuild('all');
  const rebuilt = await projector.catchUp();
  await projector.close();
  return [...followed.projections, ...rebuilt.projections].flatMap(({ stopped }) => stopped ?? []);
}

const cases = examplesByType().flatMap(({ type, examples }) => {
  const known = TYPES.find((each) => each === type);
  return known === undefined || NEED_MORE.includes(known) ? [] : [{ type: known, examples }];
});

describe('a journaled event never stops a projection, whatever its figures are', () => {
  const rows = cases.filter(({ type }) => DATABASE_TYPES.includes(type));
  test.each(rows)('$type, written to a database', async ({ type, examples }) => {
    const all = FIGURES.flatMap((figure) => examples.flatMap((example) => variants(example, figure)));
    const accepted = all.filter((data) => isAccepted(type, data));
    expect(accepted.length).toBeGreaterThan(0);
    expect(accepted.length).toBeLessThan(all.length);
    for (const data of accepted)
      expect({ data, stops: await stops(tapeWith(type, data)) }).toEqual({ data, stops: [] });
  });

  test.each(FIGURES)('%s in every other type', async (figure) => {
    const tape = twoDays();
    for (const { type, examples } of cases) {
      if (DATABASE_TYPES.includes(type)) continue;
      for (const data of examples.flatMap((example) => variants(example, figure))) {
        if (isAccepted(type, data)) tape.add(type, data as EventData<EventType>);
      }
    }
    expect(await stops(tape)).toEqual([]);
  });

  test('any figure in a type that is written to a database', async () => {
    const figure = fc
      .tuple(
        fc.boolean(),
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        fc.string({ unit: fc.constantFrom('0', '1', '4', '5', '9'), maxLength: 20 }),
      )
      .map(([minus, whole, decimals]) => `${minus ? '-' : ''}${whole}${decimals === '' ? '' : `.${decimals}`}`);
    const candidate = fc
      .tuple(fc.constantFrom(...rows), figure, fc.nat())
      .map(([{ type, examples }, text, pick]) => {
        const all = examples.flatMap((example) => variants(example, text));
        return { type, data: all[pick % all.length] };
      })
      .filter(({ type, data }) => isAccepted(type, data));
    await fc.assert(
      fc.asyncProperty(candidate, async ({ type, data }) => {
        expect(await stops(tapeWith(type, data))).toEqual([]);
      }),
      { numRuns: runs(15, 400) },
    );
  });
});
