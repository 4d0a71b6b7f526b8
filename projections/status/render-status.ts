import type { ProjectionHealth } from '../kit/projection.js';
import { moneyFields, pendingFindings, reconciliationFields, reconciliationFindings } from './accounting.js';
import { thresholdFields, tradeBanFindings } from './config.js';
import { floatFindings } from './float.js';
import { checkFields, healthFindings, projectionFindings, watchdogFields } from './health.js';
import * as lifecycle from './lifecycle.js';
import { lastTradeFields, unresolvedFields, unresolvedFindings } from './orders.js';
import { mismatchFindings, openPositionFields } from './positions.js';
import { processFields, processFindings, testModeFields, testModeFindings } from './processes.js';
import { jobFields, jobFindings } from './reporting.js';
import { killFindings, riskFields, riskFindings } from './risk.js';
import type { FieldsOf, FindingsOf } from './status-part.js';
import type { StatusState } from './status-state.js';
import { strategyFields, winRateFields } from './strategies.js';

/** The order of the reasons in `overall`. */
const FINDINGS: readonly FindingsOf[] = [
  lifecycle.botFindings,
  killFindings,
  reconciliationFindings,
  mismatchFindings,
  projectionFindings,
  riskFindings,
  tradeBanFindings,
  floatFindings,
  unresolvedFindings,
  lifecycle.selfCheckFindings,
  healthFindings,
  processFindings,
  testModeFindings,
  pendingFindings,
  lifecycle.errorFindings,
  jobFindings,
  lifecycle.leftOpenFindings,
];

/** The order of the fields between `overall` and `projections`. */
function fieldsFor(strategies: readonly string[]): readonly FieldsOf[] {
  return [
    lifecycle.botFields,
    lifecycle.sessionFields,
    riskFields,
    moneyFields,
    winRateFields,
    thresholdFields,
    lifecycle.sessionCapFields,
    openPositionFields,
    unresolvedFields,
    strategyFields(strategies),
    jobFields,
    reconciliationFields,
    watchdogFields,
    processFields,
    checkFields,
    testModeFields,
    lastTradeFields,
    lifecycle.lastErrorFields,
  ];
}

function overallOf(state: StatusState, health: readonly ProjectionHealth[]): object {
  const found = FINDINGS.flatMap((findings) => findings(state, health));
  const level = found.some(([kind]) => kind === 'Critical') ? 'Critical' : found.length > 0 ? 'Warning' : 'OK';
  return { status: level, reasons: found.map(([, reason]) => reason) };
}

/**
 * The text of status.json (OUT-5): every figure comes from the journal up to `as_of`, none from the clock. `strategies`
 * are the registered ones, shown from the first event on.
 */
export function statusText(
  state: StatusState,
  health: readonly ProjectionHealth[],
  strategies: readonly string[],
): string {
  const fields = fieldsFor(strategies).map((fieldsOf) => fieldsOf(state));
  const status = Object.assign(lifecycle.asOfFields(state), { overall: overallOf(state, health) }, ...fields, {
    projections: health.map(({ name, lagEvents, stopped }) => ({
      name,
      lag_events: lagEvents,
      stopped: stopped?.reason ?? null,
    })),
  }) as object;
  return `${JSON.stringify(status, null, 2)}\n`;
}
