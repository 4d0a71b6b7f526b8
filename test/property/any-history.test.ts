import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { coaProjection } from '../../projections/coa/coa.js';
import { floatLedgerProjection } from '../../projections/float-ledger/float-ledger.js';
import type { Projection } from '../../projections/kit/projection.js';
import { systemLogsProjection } from '../../projections/system-logs/system-logs.js';
import { userActivityProjection } from '../../projections/user-activity/user-activity.js';
import { checkEvent } from '../../src/adapters/event-codec/validator.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import { currentVersion, isEventType, type EventData, type EventType, type NewEvent } from '../../src/events/event.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { ALPHA, reset } from '../contract/support/journal-events.js';
import { examplesByType } from '../golden/support/release.js';
import { runs } from '../support/runs.js';
import { twoDays } from '../unit/support/day-tape.js';
import { Tape } from '../unit/support/events.js';
import { filesUnder, removeTemporaryHomes } from '../unit/support/home.js';
import { BOOKS, ReportHome } from '../unit/support/report-home.js';

afterAll(removeTemporaryHomes);

const traded = twoDays().events;
const NAMES = ['clientOrderId', 'executionId', 'correctsExecutionId', 'positionId', 'symbol', 'activityId'] as const;
const FIGURES = ['side', 'positionEffect', 'quantity', 'price'] as const;

/** The values that the two days of trading have under a name, and one that nothing has. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = Object.fromEntries(
  [...NAMES, ...FIGURES].map((name) => [
    name,
    [...new Set(traded.map(({ data }) => (data as Readonly<Record<string, unknown>>)[name])), 'B01-never-9'].filter(
      (value) => typeof value === 'string',
    ),
  ]),
);

function isAccepted(type: EventType, data: unknown): boolean {
  try {
    checkEvent(ALPHA, { ...reset('x'), type, schemaVersion: currentVersion(type), data } as NewEvent);
    return true;
  } catch (error) {
    if (error instanceof TradeBotError && error.code === 'SCHEMA_VIOLATION') return false;
    throw error;
  }
}

interface Admitted {
  readonly type: EventType;
  readonly data: unknown;
}

const MATERIAL: readonly Admitted[] = [
  ...traded.map(({ type, data }) => ({ type, data })),
  ...examplesByType().flatMap(({ type, examples }) =>
    isEventType(type) ? examples.map((data) => ({ type, data })) : [],
  ),
];

/** An event that every writer may append: one of the two days or of the schemas' examples, with other names and figures. */
const admitted: fc.Arbitrary<Admitted> = fc
  .tuple(fc.nat(), fc.dictionary(fc.constantFrom(...NAMES, ...FIGURES), fc.nat(), { maxKeys: 4 }))
  .map(([pick, changes]) => {
    const { type, data } = MATERIAL[pick % MATERIAL.length]!;
    const changed: Record<string, unknown> = { ...(data as object) };
    for (const [name, at] of Object.entries(changes)) {
      const values = VALUES[name] ?? [];
      if (name in changed) changed[name] = values[at % values.length];
    }
    return { type, data: changed };
  })
  .filter(({ type, data }) => isAccepted(type, data));

function projectionsOf(report: ReportHome): readonly Projection[] {
  const { output } = report.paths;
  return [
    ...report.projections(),
    floatLedgerProjection({ path: output.floatLedgerDb }),
    coaProjection({
      path: output.coaDb,
      entity: BOOKS.codes.entity,
      jurisdiction: BOOKS.codes.jurisdiction,
      files: {
        coa: output.coaJson,
        metadata: output.coaMetadata,
        auditLog: output.coaAuditLog,
        mappingTable: output.coaMappingTable,
        mappingVersions: output.mappingVersions,
      },
    }),
    systemLogsProjection(report.paths),
    userActivityProjection(report.paths),
  ];
}

/** Follows the tape in pages, then rebuilds everything; what stopped, and whether the files differ. */
async function followed(tape: Tape, pageSize: number) {
  const report = new ReportHome('json', true);
  const projector = report.projector(tape, pageSize, projectionsOf(report));
  const live = await projector.catchUp();
  await projector.publish();
  const before = filesUnder(`${report.home}/output`);
  const rebuilt = await projector.rebuild('all');
  await projector.close();
  return { report, live, rebuilt, before, after: filesUnder(`${report.home}/output`) };
}

function tapeOf(list: readonly Admitted[], afterTwoDays: boolean): Tape {
  const tape = afterTwoDays ? twoDays() : new Tape();
  for (const { type, data } of list) tape.add(type, data as EventData<EventType>);
  return tape;
}

describe('events that the schemas admit, in any order and of any history (JRN-11)', () => {
  test('no projection stops, and a rebuild gives the bytes of the projections that followed', async () => {
    let refused = 0;
    const history = fc.array(admitted, { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.integer({ min: 1, max: 60 }), history, async (later, pageSize, list) => {
        const { live, rebuilt, before, after } = await followed(tapeOf(list, later), pageSize);
        const all = [...live.projections, ...rebuilt.projections];
        expect(all.flatMap(({ name, stopped }) => (stopped === null ? [] : [{ name, stopped }]))).toEqual([]);
        expect(all.map(({ lagEvents }) => lagEvents)).toEqual(all.map(() => 0));
        expect(after).toEqual(before);
        expect(rebuilt.projections.map(({ refusals }) => refusals)).toEqual(
          live.projections.map(({ refusals }) => refusals),
        );
        refused += live.projections.reduce((sum, { refusals }) => sum + refusals.count, 0);
        removeTemporaryHomes();
      }),
      { numRuns: runs(40, 600) },
    );
    expect(refused).toBeGreaterThan(0);
  });

  test('the state of the engine folds them all, and keeps those that its rules refuse', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.boolean(), fc.array(admitted, { minLength: 1, maxLength: 60 }), (later, list) => {
        const tape = tapeOf(list, later);
        const state = new EngineState(BOOKS.codes);
        for (const event of tape.events) state.apply(event);
        expect(state.eventCount).toBe(tape.events.length);
        expect(state.lastPosition).toBe(tape.events.at(-1)?.position);
        refused += state.refusedEvents.length;
      }),
      { numRuns: runs(80, 2_000) },
    );
    expect(refused).toBeGreaterThan(0);
  });
});

describe('a bust of an execution that nobody booked', () => {
  const fill = traded.find(({ type }) => type === 'OrderFilled')?.data as EventData<'OrderFilled'>;
  const { clientOrderId, symbol } = fill;
  const tape = (): Tape => {
    const made = twoDays();
    const { original: _known, ...bust } = MATERIAL.find(({ type }) => type === 'OrderFillBusted')
      ?.data as EventData<'OrderFillBusted'>;
    made.add('OrderFillBusted', { ...bust, clientOrderId, symbol, executionId: 'E-nobody' });
    return made;
  };

  test('books nothing, is kept with its position and cause, and is Critical in the status until it is settled', async () => {
    const position = String(traded.length + 1).padStart(16, '0');
    const { report, live } = await followed(tape(), 1_000);
    const ledger = live.projections.find(({ name }) => name === 'ledger');
    expect(ledger?.refusals).toEqual({
      count: 1,
      first: [expect.objectContaining({ position, type: 'OrderFillBusted', code: 'EXECUTION_UNKNOWN' })],
    });
    const conditions = (): readonly { readonly code: string }[] =>
      report.json(report.paths.output.statusJson)['conditions'] as readonly { readonly code: string }[];
    expect(conditions()).toContainEqual(
      expect.objectContaining({
        code: 'EVENT_REFUSED',
        severity: 'Critical',
        text: expect.stringContaining(position),
        remedy: expect.stringContaining(`tradebot adjust --settles RE-${position}`),
      }),
    );
    const settled = tape();
    const entry = MATERIAL.find(({ type }) => type === 'AdjustmentBooked')?.data as EventData<'AdjustmentBooked'>;
    settled.add('AdjustmentBooked', { ...entry, settles: `RE-${position}` });
    const later = await followed(settled, 7);
    const status = later.report.json(later.report.paths.output.statusJson);
    expect(status['conditions']).not.toContainEqual(expect.objectContaining({ code: 'EVENT_REFUSED' }));
  });
});
