import { reportedLoss } from '../../src/domain/risk/data-loss.js';
import { BOT_COPY_REMEDY, botCopyText } from '../../src/domain/risk/bot-copy.js';
import { KEY_REFUSED, KEY_REFUSED_REMEDY } from '../../src/domain/risk/key-refused.js';
import { CLOCK_REMEDY, clockFaultText } from '../../src/domain/risk/clock-fault.js';
import { figuresText } from '../kit/records.js';
import type { Condition } from '../../src/domain/conditions/condition.js';
import {
  critical,
  NO_TROUBLE,
  noted,
  seen,
  since,
  warning,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type StatusHandlers,
  type Trouble,
} from './status-part.js';

/** What restricts trading. */
export interface RiskStatus {
  brokerTrouble: Trouble;
  clockTrouble: Trouble;
  copyTrouble: Trouble;
  dataTrouble: Trouble;
  defense: Trouble;
  kill: Trouble;
}

/** Before the first event. */
export function newRiskStatus(): RiskStatus {
  return {
    brokerTrouble: NO_TROUBLE,
    clockTrouble: NO_TROUBLE,
    copyTrouble: NO_TROUBLE,
    dataTrouble: NO_TROUBLE,
    defense: NO_TROUBLE,
    kill: NO_TROUBLE,
  };
}

/** Events of limits, broker and market data. */
export const riskHandlers: StatusHandlers<'risk'> = {
  KillSwitchTripped: noted((body, event: EventOf<'KillSwitchTripped'>) => {
    body.kill = since(event, `${event.data.code} (${figuresText(event.data.figures)})`);
  }),
  KillSwitchReset: noted((body) => {
    body.kill = NO_TROUBLE;
  }),
  DefenseModeEntered: noted((body, event: EventOf<'DefenseModeEntered'>) => {
    body.defense = since(event, event.data.reason);
  }),
  DefenseModeReset: noted((body) => {
    body.defense = NO_TROUBLE;
  }),
  BrokerSuspended: noted((body, event: EventOf<'BrokerSuspended'>) => {
    const { code, message } = event.data;
    // a second one of an outage says more of its cause
    body.brokerTrouble = { ...since(event, `${code}: ${message}`), ...startOf(body.brokerTrouble) };
  }),
  BrokerResumed: noted((body) => {
    body.brokerTrouble = NO_TROUBLE;
  }),
  BotCopyFound: noted((body, event: EventOf<'BotCopyFound'>) => {
    body.copyTrouble = since(event, botCopyText(event.data));
  }),
  BotCopyAcknowledged: noted((body) => {
    body.copyTrouble = NO_TROUBLE;
  }),
  ClockFaultDetected: noted((body, event: EventOf<'ClockFaultDetected'>) => {
    body.clockTrouble = since(event, clockFaultText(event.data));
  }),
  ClockFaultCleared: noted((body) => {
    body.clockTrouble = NO_TROUBLE;
  }),
  MarketDataLost: noted((body, event: EventOf<'MarketDataLost'>) => {
    body.dataTrouble = {
      since: event.data.since,
      why: `no data for ${event.data.symbols.join(', ')}${reportedLoss(event.data)}`,
    };
  }),
  MarketDataRestored: noted((body) => {
    body.dataTrouble = NO_TROUBLE;
  }),
  RiskLimitBreached: seen,
  TradeBlocked: seen,
};

/** Broker, market data, defense mode and kill switch. */
export const riskFields: FieldsOf = ({ body }) => ({
  broker: { name: body.session?.opened.broker ?? null, ...linkPart(body.brokerTrouble) },
  market_data: linkPart(body.dataTrouble),
  defense_mode: { active: body.defense.since !== null, since: body.defense.since, reason: body.defense.why },
  kill_switch: {
    armed: body.kill.since === null,
    triggered: body.kill.since !== null,
    since: body.kill.since,
    reason: body.kill.why,
  },
});

function linkPart({ since: from, why }: Trouble): object {
  return { state: from === null ? 'ok' : 'down', since: from, reason: why };
}

/** A kill switch that was tripped. */
export const killFindings: FindingsOf = ({ body }) =>
  body.kill.why === null
    ? []
    : [
        critical(
          'KILL_SWITCH',
          `kill switch: ${body.kill.why}`,
          'Look into the loss, then reset the kill switch with a reason: on the page or by "tradebot reset kill-switch".',
        ),
      ];

/** Defense mode, a clock that cannot be right, and an outage of broker or market data. */
export const riskFindings: FindingsOf = ({ body }) => [
  ...trouble(
    'DEFENSE_MODE',
    'defense mode',
    body.defense.why,
    'Reset it with a reason when the normal limits are to apply.',
  ),
  ...copyConditions(body.copyTrouble),
  ...clockConditions(body.clockTrouble),
  ...brokerConditions(body.brokerTrouble),
  ...trouble(
    'DATA_LOST',
    'market data',
    body.dataTrouble.why,
    'Entries wait until it is back; see the source of the data.',
  ),
];

function copyConditions({ why }: Trouble): readonly Condition[] {
  return why === null ? [] : [critical('BOT_COPY', why, BOT_COPY_REMEDY)];
}

function brokerConditions({ why }: Trouble): readonly Condition[] {
  if (why?.startsWith(`${KEY_REFUSED}:`) === true)
    return [critical('BROKER_AWAY', `broker: ${why}`, KEY_REFUSED_REMEDY)];
  return trouble('BROKER_AWAY', 'broker', why, 'Entries wait until it is back; see the page of the broker.');
}

function startOf({ since: start }: Trouble): Partial<Trouble> {
  return start === null ? {} : { since: start };
}

function clockConditions({ why }: Trouble): readonly Condition[] {
  return why === null ? [] : [critical('CLOCK_FAULT', `clock: ${why}`, CLOCK_REMEDY)];
}

function trouble(code: string, what: string, why: string | null, remedy: string): readonly Condition[] {
  return why === null ? [] : [warning(code, `${what}: ${why}`, remedy)];
}
