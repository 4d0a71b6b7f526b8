/**
 * Conditions of a bad day at a broker, for `npm run shots -- states`: as the program words them, since the pictures are there to show
 * whether its sentences fit.
 */
const LONG_REFUSAL =
  'Order rejected by the exchange: insufficient qty available for order (requested: 120, available: 0), held_for_orders: 120';

/** What GET /api/conditions answers then. */
export async function badDayConditions() {
  const [{ stopFindings }, { untradedFindings }, { refusedOrderFindings }] = await Promise.all([
    import('../../projections/status/stops.ts'),
    import('../../projections/status/lifecycle.ts'),
    import('../../projections/status/orders.ts'),
  ]);
  const { liveConditions } = await import('../../src/domain/conditions/live.ts');
  const { overallOf } = await import('../../src/domain/conditions/condition.ts');
  const body = {
    settings: { BROKER_NAME: 'IBKR' },
    positions: { p1: { ticker: 'HMGR' }, p2: { ticker: 'QRVS' }, p3: { ticker: 'BRK.B' } },
    exitsRefused: { p1: LONG_REFUSAL },
    stopsHere: { p2: '', p3: 'IBKR takes no stop for a part of a share' },
    ordersRefused: 'The API interface is currently in Read-Only mode.',
    session: {
      untraded:
        'IBKR does not know or does not trade AAAA, BBBB, CCCC, DDDD, EEEE, FFFF, GGGG, HHHH, IIII, JJJJ and 14 others: no position is ' +
        'opened in them',
    },
  };
  const found = [stopFindings, refusedOrderFindings, untradedFindings].flatMap((findings) => findings({ body }, {}));
  const conditions = liveConditions({
    ...{ at: 0, botState: 'trading', stateReason: '', openPositions: [], file: { conditions: found }, fileBehindMs: 0 },
    ...{ processes: [], reserveMissing: true, localFault: undefined, journalAway: undefined, terminalLost: undefined },
    heldStreams: [],
    heldHalts: [{ symbol: 'QRVS', since: '2013-10-07T14:31:00.000Z' }],
    pid: 0,
  });
  return { overall: overallOf(conditions), conditions };
}
