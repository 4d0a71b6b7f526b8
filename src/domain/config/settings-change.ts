import type { Decimal } from '../../kernel/decimal.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { DateText, UtcText } from '../../kernel/time.js';
import { lockedSettings, waitsForSession, type LockedSetting } from './change-rules.js';
import { noTradingReasons, seasonReasons, type NoTradingReason } from './no-trading.js';
import { withPending, type PendingSetting, type SettingTexts, type StoredSettings } from './pending-settings.js';
import { saveFaults, type HomeFacts } from './save-rules.js';
import { describeTexts } from './settings-page.js';
import { isOwnKey } from './own-names.js';
import type { OwnStrategyInfo } from './own-settings.js';
import { HIDDEN, knownTexts, parseSettings, SETTING_TABLE, type SettingFault, type Settings } from './settings.js';
import type { SettingSpec } from './setting-kinds.js';

/** What a person asks to be changed, and when. */
export interface SettingsRequest {
  /** New texts by key; `***` for a secret leaves it as it is. */
  readonly changes: SettingTexts;
  /** Keys whose pending change is withdrawn. */
  readonly withdraw: readonly string[];
  /** The session that is open now; undefined without one. */
  readonly open: DateText | undefined;
  readonly versionTag: string;
  /** What the home has that settings may name. */
  readonly facts?: HomeFacts;
  /** The capital in dollars; undefined while it is unknown. */
  readonly float: Decimal | undefined;
  readonly by: { readonly since: UtcText; readonly actor: string; readonly reason: string };
}

/** The settings after a request, by when each change takes effect. */
export interface SettingsPlan {
  readonly after: StoredSettings;
  /** Keys that change now. */
  readonly now: readonly string[];
  /** Keys whose change begins to wait for the next session, or waits with another value. */
  readonly deferred: readonly string[];
  /** Keys whose change no longer waits. */
  readonly withdrawn: readonly string[];
  readonly faults: readonly SettingFault[];
  readonly locked: readonly LockedSetting[];
  /** Why no strategy can trade with them, as far as the request is the cause: a person confirms that. */
  readonly endsTrading: readonly string[];
}

const SPECS: ReadonlyMap<string, SettingSpec<unknown>> = new Map(Object.entries(SETTING_TABLE));

/**
 * Plans a change of the settings in force (RUN-30). While a session is open, a cold setting waits for the next session. The
 * values of this session and those of the next must be valid, each with all others of its time.
 */
export function planSettings(given: StoredSettings, request: SettingsRequest): SettingsPlan {
  const before = knownTexts(given.texts);
  const stored = { texts: before, pending: given.pending.filter(({ key }) => SPECS.has(key) || isOwnKey(key)) };
  const changes = newTexts(request.changes);
  const isHeld = (key: string): boolean => request.open !== undefined && waitsForSession(key);
  const [held, atOnce] = [pick(changes, isHeld), pick(changes, (key) => !isHeld(key))];
  const texts = { ...before, VERSION_TAG: request.versionTag, ...atOnce };
  const pending = pendingAfter({ texts, pending: stored.pending }, held, request);
  const next = withPending(texts, pending);
  const now = changedKeys(before, texts);
  return {
    after: { texts, pending },
    now,
    deferred: pending.filter((one) => !stored.pending.includes(one)).map(({ key }) => key),
    withdrawn: given.pending.map(({ key }) => key).filter((key) => !pending.some((one) => one.key === key)),
    faults: [
      ...faultsOf(texts, next, request),
      ...notPending(given.pending, request.withdraw),
      ...unknownOwn(changes, request.facts?.own ?? []),
    ],
    locked: lockedSettings(now),
    endsTrading: [
      ...new Set([
        ...newReasons(before, texts, request.float),
        ...(pending.length + stored.pending.length === 0
          ? []
          : newReasons(withPending(before, stored.pending), next, request.float)),
      ]),
    ],
  };
}

function newTexts(changes: SettingTexts): SettingTexts {
  const entries = Object.entries(changes).map(([key, text]) => [key, text.trim()] as const);
  return Object.fromEntries(entries.filter(([key, text]) => !(SPECS.get(key)?.secret === true && text === HIDDEN)));
}

function pick(texts: SettingTexts, fits: (key: string) => boolean): SettingTexts {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => fits(key)));
}

/** A change back to the value in force withdraws what was pending; one that is the same stays whose it was. */
function pendingAfter(
  { texts, pending }: StoredSettings,
  held: SettingTexts,
  { open, withdraw, by }: SettingsRequest,
): readonly PendingSetting[] {
  const after = new Map(pending.filter(({ key }) => !withdraw.includes(key)).map((one) => [one.key, one]));
  for (const [key, value] of Object.entries(held)) {
    const waiting = after.get(key);
    if (isSame(key, texts[key], value)) after.delete(key);
    else if (open !== undefined && !isSame(key, waiting?.value, value)) {
      after.set(key, { key, value, session: open, ...by });
    }
  }
  return [...after.values()];
}

function isSame(key: string, before: string | undefined, after: string): boolean {
  return before !== undefined && !changedKeys({ [key]: before }, { [key]: after }).includes(key);
}

/** Keys whose meaning changes, in whatever notation; an inheriting key also when it starts or stops inheriting. */
function changedKeys(before: SettingTexts, after: SettingTexts): readonly string[] {
  const [old, now] = [describeTexts(before), describeTexts(after)];
  return Object.keys(now).filter((key) => {
    const spec = SPECS.get(key);
    if (spec?.secret === true || spec?.inherits !== undefined) return (before[key] ?? '') !== (after[key] ?? '');
    return old[key] !== now[key] || !Object.hasOwn(before, key);
  });
}

/** Of this session only what is invalid: what it runs with is not judged again, and cannot be changed before it ends. */
function faultsOf(texts: SettingTexts, next: SettingTexts, request: SettingsRequest): readonly SettingFault[] {
  const { versionTag, facts } = request;
  const now = faultsWith(texts, versionTag, () => []);
  const later = faultsWith(next, versionTag, (settings) => saveFaults(settings, facts))
    .filter(({ key, problem }) => !now.some((fault) => fault.key === key && fault.problem === problem))
    .map(({ key, problem }) =>
      request.open === undefined || Object.hasOwn(request.changes, key)
        ? { key, problem }
        : { key, problem: `${problem} (in the next session, with the changes that are pending)` },
    );
  return [...now, ...later];
}

function faultsWith(
  texts: SettingTexts,
  versionTag: string,
  rules: (settings: Settings) => readonly SettingFault[],
): readonly SettingFault[] {
  try {
    return rules(parseSettings(texts, { versionTag }));
  } catch (error) {
    if (!(error instanceof TradeBotError) || error.code !== 'SETTINGS_INVALID') throw error;
    return Object.entries(error.details).map(([key, problem]) => ({ key, problem: String(problem) }));
  }
}

/** Settings of own strategies that no strategy of the home has: a new text for one is a slip. */
function unknownOwn(changes: SettingTexts, own: readonly OwnStrategyInfo[]): readonly SettingFault[] {
  const known = own.flatMap(({ settings }) => settings.map(({ key }): string => key));
  return Object.entries(changes)
    .filter(([key, text]) => isOwnKey(key) && text !== '' && !known.includes(key))
    .map(([key]) => {
      const its = known.length === 0 ? 'the bot has found no own strategy' : `known are ${known.join(', ')}`;
      return { key, problem: `is a setting of no strategy of this bot: ${its}` };
    });
}

function notPending(pending: readonly PendingSetting[], withdraw: readonly string[]): readonly SettingFault[] {
  return withdraw
    .filter((key) => !pending.some((one) => one.key === key))
    .map((key) => ({ key: key.slice(0, 80), problem: 'has no pending change that could be withdrawn' }));
}

/** Why no strategy can trade with `after`, without what held for `before` already. */
function newReasons(before: SettingTexts, after: SettingTexts, float: Decimal | undefined): readonly string[] {
  const all = (texts: SettingTexts): readonly NoTradingReason[] => [
    ...noTradingReasons(texts, float),
    ...seasonReasons(texts),
  ];
  const found = all(after);
  if (found.length === 0) return [];
  const known = all(before).map(({ code }) => code);
  return found.filter(({ code }) => !known.includes(code)).map(({ text }) => text);
}
