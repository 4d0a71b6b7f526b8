import { lockedSettings } from '../../../domain/config/change-rules.js';
import { parseStored } from '../../../domain/config/env-bot.js';
import { settingsInForce, type PendingSetting, type StoredSettings } from '../../../domain/config/pending-settings.js';
import { planSettings, type SettingsPlan } from '../../../domain/config/settings-change.js';
import { HIDDEN, SETTING_TABLE } from '../../../domain/config/settings.js';
import type { SettingSpec } from '../../../domain/config/setting-kinds.js';
import { ownSpecs } from '../../../domain/config/own-settings.js';
import type { HomeFacts } from '../../../domain/config/save-rules.js';
import { settingsPage, type SettingView as Described } from '../../../domain/config/settings-page.js';
import type { Decimal } from '../../../kernel/decimal.js';
import { TradeBotError } from '../../../kernel/errors.js';
import type { SecretReader } from '../../../ports/vault.js';
import { toUtcText, type Clock, type DateText } from '../../../kernel/time.js';
import type { Ask } from '../../ipc/messages.js';
import { etagOf } from '../common/etags.js';
import { conflict, unprocessable, type FieldFault } from '../common/problem.js';
import { SerialQueue } from '../../../app/journal/serial-queue.js';

/** A change that waits for the next session. */
export interface PendingView {
  /** `***` for a secret. */
  readonly value: string;
  readonly since: string;
  /** The actor who saved it. */
  readonly by: string;
  readonly reason: string;
}

/** One key as the settings page shows it (CFG-5). */
export interface SettingView extends Omit<Described, 'group'> {
  /** Why it cannot be changed now; empty when it can. */
  readonly locked: string;
  readonly pending: PendingView | null;
}

export interface SettingsView {
  readonly generation: number;
  /** The session that is open: until it ends, cold settings wait; null without one. */
  readonly openSession: string | null;
  readonly groups: readonly { readonly group: string; readonly settings: readonly SettingView[] }[];
}

export interface SettingChange {
  readonly key: string;
  /** Null for a secret. */
  readonly from: string | null;
  readonly to: string | null;
  readonly secret: boolean;
  readonly takesEffectAt: string;
}

/** What a change does, or would do. */
export interface ChangedSettings {
  readonly changes: readonly SettingChange[];
  /** Why no strategy can trade afterwards: needs `confirmNoTrading`. */
  readonly endsTrading: readonly string[];
}

/** What a person asks: new texts by key, pending changes to withdraw, and whether an end of all trading is meant. */
export interface SettingsRequested {
  readonly changes: Texts;
  readonly withdraw: readonly string[];
  readonly confirmNoTrading: boolean;
}

export type Texts = Readonly<Record<string, string>>;

export interface ChangedBy {
  readonly actor: string;
  readonly reason: string;
}

export interface SettingsServiceOptions {
  /** Asked at each use: there is none before the home is provisioned. */
  readonly vault: () => SecretReader;
  readonly versionTag: string;
  /** The date of the trading session that is open now. */
  readonly openSession: () => Promise<DateText | undefined>;
  /** What the home has that settings may name. */
  readonly facts: () => Promise<HomeFacts>;
  /** The capital in dollars; undefined while it is unknown. */
  readonly float: () => Promise<Decimal | undefined>;
  readonly clock: Clock;
  /** A question to main; throws TradeBotError. */
  readonly ask: <T>(ask: Ask) => Promise<T>;
}

const BY_KEY: ReadonlyMap<string, SettingSpec<unknown>> = new Map(Object.entries(SETTING_TABLE));
const VERSION_KEY = 'VERSION_TAG';

/** Shows the settings, previews a change, and has a worker save it (RUN-30). Throws what the vault throws. */
export class SettingsService {
  /** As many wait as there are connections; each has its time limit. */
  readonly #queue = new SerialQueue();

  constructor(private readonly options: SettingsServiceOptions) {}

  /** Weak tag of the settings that are stored; made of a keyed digest, to reveal nothing about a secret. */
  etag(): string {
    const vault = this.options.vault();
    return etagOf(vault.digestOf(vault.envBot()));
  }

  /** Also works with an invalid stored value: the user must be able to fix it. */
  async view(): Promise<SettingsView> {
    const open = await this.options.openSession();
    const { texts, pending } = this.#stored(open);
    const all = settingsPage(texts, (await this.options.facts()).own);
    const waiting = new Map(pending.map((one) => [one.key, one]));
    const groups = [...new Set(all.map(({ group }) => group))].map((group) => ({
      group,
      settings: all.filter((one) => one.group === group).map((one) => settingView(one, waiting.get(one.key))),
    }));
    return { generation: this.options.vault().generation() ?? 0, openSession: open ?? null, groups };
  }

  /** What would change. Throws a Problem 422 with every fault of the request at once, locked keys included. */
  async preview(asked: Omit<SettingsRequested, 'confirmNoTrading'>): Promise<ChangedSettings> {
    const { versionTag, clock } = this.options;
    const open = await this.options.openSession();
    const stored = this.#stored(open);
    const by = { since: toUtcText(clock.now()), actor: 'user:preview', reason: 'preview' };
    const [facts, float] = [await this.options.facts(), await this.options.float()];
    const plan = planSettings(stored, { ...asked, open, versionTag, by, float, facts });
    const faults = [
      ...Object.keys(asked.changes).flatMap((key) => lockFault(key)),
      ...plan.faults.map(({ key, problem }) => ({ field: key, message: problem })),
    ];
    if (Object.keys(asked.changes).length === 0 && asked.withdraw.length === 0) {
      faults.push({ field: 'changes', message: 'must name at least one key' });
    }
    if (faults.length > 0) throw unprocessable(faults);
    return { changes: changesOf(stored, plan, asked.changes, ownSpecs(facts.own)), endsTrading: plan.endsTrading };
  }

  /**
   * Returns when the change is encrypted and journaled. One at a time: `admit`, which throws when the settings are not
   * those that the change was made of, is asked when its turn has come. Throws as `preview`, a Problem 409 when an end of
   * all trading is not confirmed, and what the worker says.
   */
  save(asked: SettingsRequested, by: ChangedBy, admit: () => void = () => undefined): Promise<ChangedSettings> {
    return this.#queue.run(() => {
      admit();
      return this.#saveNow(asked, by);
    });
  }

  async #saveNow(asked: SettingsRequested, by: ChangedBy): Promise<ChangedSettings> {
    const difference = await this.preview(asked);
    if (difference.changes.length === 0) return difference;
    if (difference.endsTrading.length > 0 && !asked.confirmNoTrading) throw unconfirmed(difference.endsTrading);
    try {
      await this.options.ask({ ask: 'worker', task: { task: 'save-settings', ...asked, ...by } });
    } catch (error) {
      throw asFaults(error);
    }
    return difference;
  }

  #stored(open: DateText | undefined): StoredSettings {
    return settingsInForce(parseStored(this.options.vault().envBot().reveal()), open);
  }
}

function settingView({ group: _group, ...one }: Described, pending: PendingSetting | undefined): SettingView {
  const [fault] = lockFault(one.key);
  return { ...one, locked: fault?.message ?? '', pending: pending === undefined ? null : pendingView(pending) };
}

function pendingView({ key, value, since, actor, reason }: PendingSetting): PendingView {
  return { value: BY_KEY.get(key)?.secret === true ? HIDDEN : value, since, by: actor, reason };
}

/** Why a key can never be changed by a person (RUN-30). */
function lockFault(key: string): readonly FieldFault[] {
  if (key === VERSION_KEY) return [{ field: key, message: 'Each save sets it to the version that runs.' }];
  return lockedSettings([key]).map(({ reason }) => ({ field: key, message: reason }));
}

/** The text of the default; an inheriting key is empty, and takes the other's value. */
function standardOf(spec: SettingSpec<unknown>): string {
  return spec.inherits === undefined ? spec.format(spec.default) : '';
}

/** The worker looks again, and may find what changed meanwhile. */
function asFaults(error: unknown): unknown {
  if (!(error instanceof TradeBotError) || error.code !== 'SETTINGS_INVALID') return error;
  return unprocessable(Object.entries(error.details).map(([field, message]) => ({ field, message: String(message) })));
}

function unconfirmed(reasons: readonly string[]): Error {
  return conflict(
    'SETTINGS_END_TRADING',
    `These settings end all trading: ${reasons.join('; ')}.`,
    'Change them, or repeat the request with confirmNoTrading=true when this is meant. Nothing was changed.',
  );
}

/** The changes by key, as a person made them: a notation that differs is shown as well. */
function changesOf(
  stored: StoredSettings,
  plan: SettingsPlan,
  asked: Texts,
  own: ReadonlyMap<string, SettingSpec<unknown>>,
): readonly SettingChange[] {
  const specOf = (key: string): SettingSpec<unknown> | undefined => BY_KEY.get(key) ?? own.get(key);
  const at = (key: string): string => {
    if (plan.after.pending.some((one) => one.key === key)) return 'with the next session';
    return specOf(key)?.takesEffect === false ? 'not in this version' : 'at once';
  };
  const changed = Object.entries(asked).flatMap(([key, text]) =>
    settingChange({ key, spec: specOf(key), before: stored.texts[key], after: text.trim(), at: at(key) }),
  );
  const withdrawn = plan.withdrawn.flatMap((key) => {
    const waiting = stored.pending.find((one) => one.key === key)?.value;
    const after = stored.texts[key] ?? '';
    return settingChange({ key, spec: specOf(key), before: waiting, after, at: 'pending change withdrawn' });
  });
  return [...changed.filter(({ key }) => !plan.withdrawn.includes(key)), ...withdrawn];
}

interface ChangedSetting {
  readonly key: string;
  readonly spec: SettingSpec<unknown> | undefined;
  readonly before: string | undefined;
  readonly after: string;
  readonly at: string;
}

function settingChange({ key, spec, before, after, at }: ChangedSetting): readonly SettingChange[] {
  if (spec === undefined) return [];
  const from = before ?? standardOf(spec);
  if (from === after) return [];
  const { secret } = spec;
  return [{ key, from: secret ? null : from, to: secret ? null : after, secret, takesEffectAt: at }];
}
