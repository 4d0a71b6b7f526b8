import { own } from '../kit/records.js';
import { standingConditions } from '../../src/domain/conditions/standing.js';
import { isSessionOpenAt, tradingHoursFrom, type TradingHoursTexts } from '../../src/domain/schedule/trading-hours.js';
import { parseUtcText } from '../../src/kernel/time.js';
import { settingOf } from './config.js';
import type { FieldsOf, FindingsOf } from './status-part.js';
import type { StatusBody } from './status-state.js';

/** The settings of the trading hours, for those who look at the file at a later time. */
export const tradingHoursFields: FieldsOf = ({ body }) => ({ trading_hours: hoursOf(body) });

/** Positions that nobody manages, and a bot that should trade and does not, at the last event. */
export const standingFindings: FindingsOf = ({ body }) => {
  const { asOfTime, botState, botStateSince } = body;
  if (asOfTime === null || botState === null) return [];
  const at = parseUtcText(asOfTime);
  const engine = own(body.processes, 'engine');
  return standingConditions({
    at,
    botState,
    stateReason: body.botStateReason,
    stateSince: botStateSince === null ? undefined : parseUtcText(botStateSince),
    openPositions: [...new Set(Object.values(body.positions).map(({ ticker }) => ticker))].sort(),
    engine: engine === undefined ? 'unknown' : engine.state === 'running' ? 'alive' : 'absent',
    engineReason: engine?.reason ?? '',
    sessionOpen: isSessionOpenAt(at, tradingHoursFrom(hoursOf(body))),
  });
};

function hoursOf(body: StatusBody): TradingHoursTexts {
  return {
    TRADING_DAYS: settingOf(body, 'TRADING_DAYS'),
    MARKET_OPEN: settingOf(body, 'MARKET_OPEN'),
    MARKET_CLOSE: settingOf(body, 'MARKET_CLOSE'),
  };
}
