import type { ProjectionHealth } from '../kit/projection.js';
import { overallOf, withoutRepeats, type Condition } from '../../src/domain/conditions/condition.js';
import { moneyFields, pendingFindings, refusedEventFindings, refusedFindings } from './accounting.js';
import { reconciliationFields, reconciliationFindings } from './comparison.js';
import { pendingSettingsFields, rolesFindings, simulatedFields, thresholdFields, tradeBanFindings } from './config.js';
import { floatFindings, plannedFloatFields } from './float.js';
import {
  checkFields,
  evidenceFindings,
  healthFindings,
  journalFindings,
  projectionFindings,
  watchdogFields,
} from './health.js';
import * as lifecycle from './lifecycle.js';
import { lastTradeFields, refusedOrderFindings, unresolvedFields, unresolvedFindings } from './orders.js';
import { mismatchFindings, openPositionFields } from './positions.js';
import { conversionFields } from './conversions.js';
import { foreignFields, foreignFindings } from './foreign.js';
import { ownershipFields } from './ownership.js';
import { processFields, processFindings, testModeFields, testModeFindings } from './processes.js';
import { jobFields, jobFindings } from './reporting.js';
import { killFindings, riskFields, riskFindings } from './risk.js';
import { brokerAccountFields, brokerAccountFindings, marketFeedFields, marketFeedFindings } from './market.js';
import type { FieldsOf, FindingsOf } from './status-part.js';
import type { StatusState } from './status-state.js';
import { standingFindings, tradingHoursFields } from './standing.js';
import { confirmationFields, confirmationFindings } from './confirmations.js';
import { strategyFields, strategyFindings, winRateFields } from './strategies.js';
import { stopFindings } from './stops.js';
import { streamFields, streamFindings } from './streams.js';
import { universeFields, universeFindings } from './universe.js';

/** The order of the reasons in `overall`. */
const FINDINGS: readonly FindingsOf[] = [
  standingFindings,
  killFindings,
  reconciliationFindings,
  mismatchFindings,
  projectionFindings,
  refusedEventFindings,
  evidenceFindings,
  streamFindings,
  journalFindings,
  riskFindings,
  refusedOrderFindings,
  stopFindings,
  foreignFindings,
  tradeBanFindings,
  rolesFindings,
  strategyFindings,
  floatFindings,
  unresolvedFindings,
  lifecycle.selfCheckFindings,
  healthFindings,
  processFindings,
  testModeFindings,
  marketFeedFindings,
  brokerAccountFindings,
  universeFindings,
  pendingFindings,
  confirmationFindings,
  refusedFindings,
  lifecycle.untradedFindings,
  lifecycle.errorFindings,
  jobFindings,
  lifecycle.leftOpenFindings,
];

/** The order of the fields between `overall` and `projections`. */
function fieldsFor(strategies: readonly string[]): readonly FieldsOf[] {
  return [
    lifecycle.botFields,
    simulatedFields,
    lifecycle.sessionFields,
    tradingHoursFields,
    marketFeedFields,
    brokerAccountFields,
    riskFields,
    moneyFields,
    plannedFloatFields,
    winRateFields,
    thresholdFields,
    pendingSettingsFields,
    lifecycle.sessionCapFields,
    openPositionFields,
    unresolvedFields,
    strategyFields(strategies),
    confirmationFields,
    jobFields,
    universeFields,
    reconciliationFields,
    conversionFields,
    foreignFields,
    watchdogFields,
    streamFields,
    processFields,
    ownershipFields,
    checkFields,
    testModeFields,
    lastTradeFields,
    lifecycle.lastErrorFields,
  ];
}

function overallPart(conditions: readonly Condition[]): object {
  return {
    overall: { status: overallOf(conditions), reasons: conditions.map(({ text }) => text) },
    conditions,
  };
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
  const conditions = withoutRepeats(FINDINGS.flatMap((findings) => findings(state, health)));
  const status = Object.assign(lifecycle.asOfFields(state), overallPart(conditions), ...fields, {
    projections: health.map(({ name, lagEvents, stopped }) => ({
      name,
      lag_events: lagEvents,
      stopped: stopped?.reason ?? null,
    })),
  }) as object;
  return `${JSON.stringify(status, null, 2)}\n`;
}
