import { pendingAfter, type RecordedPendings } from '../../src/domain/config/pending-fold.js';
import { noTradingReasons, type NoTradingReason } from '../../src/domain/config/no-trading.js';
import { isSimulated } from '../../src/domain/config/simulated.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { own } from '../kit/records.js';
import {
  noted,
  seen,
  warning,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type StatusHandlers,
} from './status-part.js';
import type { StatusBody } from './status-state.js';

/** The settings recorded in the journal, without secrets, and the changes that wait for the next session. */
export interface ConfigStatus {
  settings: Readonly<Record<string, string | null>>;
  pendingSettings: RecordedPendings;
}

/** Before the first event. */
export function newConfigStatus(): ConfigStatus {
  return { settings: {}, pendingSettings: {} };
}

function follow(
  body: StatusBody,
  event: EventOf<'ConfigChanged' | 'ConfigChangeDeferred' | 'ConfigChangeWithdrawn'>,
): void {
  body.pendingSettings = pendingAfter(body.pendingSettings, event);
}

/** Changes of settings. */
export const configHandlers: Omit<StatusHandlers<'config'>, 'OwnStrategiesFound'> = {
  ConfigChanged: noted((body, event: EventOf<'ConfigChanged'>) => {
    const open = event.data.changes.filter(({ secret }) => !secret).map(({ key, to }) => [key, to] as const);
    body.settings = { ...body.settings, ...Object.fromEntries(open) };
    follow(body, event);
  }),
  InverseEtfsChanged: seen,
  ConfigChangeDeferred: noted(follow),
  ConfigChangeWithdrawn: noted(follow),
};

/** The keys whose changes wait for the next session; values are for those who may read settings. */
export const pendingSettingsFields: FieldsOf = ({ body }) => ({
  pending_settings: Object.entries(body.pendingSettings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { session, since, actor }]) => ({ key, session, since, by: actor })),
});

/** Settings shown as limits; null until the journal has them. */
const THRESHOLDS = [
  'MAX_TRADES',
  'MAX_OPEN_POSITIONS',
  'TOTAL_ALLOCATION',
  'MAX_RISK_PER_TRADE',
  'DAILY_LOSS_LIMIT',
  'MAX_SPREAD_PCT',
  'MIN_PRICE',
  'MAX_PRICE',
  'REBALANCE_THRESHOLD',
  'DEFENSE_MODE_TRADE_LIMIT_PCT',
  'DEFENSE_MODE_TOTAL_ALLOCATION',
] as const;

/** The value of a setting as text; null until the journal has it. */
export function settingOf(body: StatusBody, key: string): string | null {
  return own(body.settings, key) ?? null;
}

/** Whether orders reach no market. */
export const simulatedFields: FieldsOf = ({ body }) => ({ simulated: isSimulated(settingOf(body, 'BROKER_NAME')) });

/** The limits of the settings. */
export const thresholdFields: FieldsOf = ({ body }) => ({
  thresholds: Object.fromEntries(THRESHOLDS.map((key) => [key, settingOf(body, key)])),
  max_trades: settingOf(body, 'MAX_TRADES'),
});

/** Roles that are switched off: every user who logs in has most rights of an admin. */
export const rolesFindings: FindingsOf = ({ body }) =>
  settingOf(body, 'RBAC_ENABLED') === 'false'
    ? [
        warning(
          'ROLES_OFF',
          'roles are switched off (RBAC_ENABLED): everybody who logs in may control the bot',
          'Set RBAC_ENABLED to true when every user has the right role.',
        ),
      ]
    : [];

/** Texts are replaced at each change, and a status is rendered far more often than they change. */
const found = new WeakMap<
  StatusBody['settings'],
  { readonly float: string | null; readonly reasons: readonly NoTradingReason[] }
>();

function reasonsOf({ settings, float }: StatusBody): readonly NoTradingReason[] {
  const known = found.get(settings);
  if (known?.float === float) return known.reasons;
  const texts = Object.entries(settings).flatMap(([key, text]) =>
    text === null || text === '' ? [] : [[key, text] as const],
  );
  const capital = float === null ? undefined : Decimal.parse(float);
  const reasons = texts.length === 0 ? [] : noTradingReasons(Object.fromEntries(texts), capital);
  found.set(settings, { float, reasons });
  return reasons;
}

/** Settings with which the bot opens nothing, and closes as usual: a person confirmed them, and they last until changed. */
export const tradeBanFindings: FindingsOf = ({ body }) =>
  reasonsOf(body).map(({ code, text, remedy }) =>
    code === 'DISABLE_ALL_TRADES'
      ? warning(
          'TRADES_DISABLED',
          'all trades are disabled (DISABLE_ALL_TRADES): no new position is opened, exits still pass',
          'Set DISABLE_ALL_TRADES to false when it is to trade again.',
        )
      : warning('NO_STRATEGY_CAN_TRADE', `no strategy can trade: ${text}; exits still pass`, remedy),
  );
