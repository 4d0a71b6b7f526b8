import { lockedSettings } from '../../../domain/config/change-rules.js';
import { parseEnvBot } from '../../../domain/config/env-bot.js';
import { parseSettings, SETTING_TABLE } from '../../../domain/config/settings.js';
import type { SettingSpec } from '../../../domain/config/setting-kinds.js';
import { settingsPage, type SettingView as Described } from '../../../domain/config/settings-page.js';
import { TradeBotError } from '../../../kernel/errors.js';
import type { SecretReader } from '../../../ports/vault.js';
import type { Ask } from '../../ipc/messages.js';
import { etagOf } from '../common/etags.js';
import { unprocessable, type FieldFault } from '../common/problem.js';
import { SerialQueue } from '../../../app/journal/serial-queue.js';

/** One key as the settings page shows it (CFG-5). */
export interface SettingView extends Omit<Described, 'group'> {
  /** Why it cannot be changed now; empty when it can. */
  readonly locked: string;
}

export interface SettingsView {
  readonly generation: number;
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

export type Texts = Readonly<Record<string, string>>;

export interface ChangedBy {
  readonly actor: string;
  readonly reason: string;
}

export interface SettingsServiceOptions {
  /** Asked at each use: there is none before the home is provisioned. */
  readonly vault: () => SecretReader;
  readonly versionTag: string;
  /** Whether a trading session is open now. */
  readonly sessionOpen: () => Promise<boolean>;
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
    const open = await this.options.sessionOpen();
    const all = settingsPage(this.#texts());
    const groups = [...new Set(all.map(({ group }) => group))].map((group) => ({
      group,
      settings: all.filter((one) => one.group === group).map((one) => settingView(one, open)),
    }));
    return { generation: this.options.vault().generation() ?? 0, groups };
  }

  /** What would change. Throws a Problem 422 with every fault of the changes at once, locked keys included. */
  async preview(changes: Texts): Promise<readonly SettingChange[]> {
    const { versionTag, sessionOpen } = this.options;
    const open = await sessionOpen();
    const locks = Object.keys(changes).map((key) => ({ field: key, message: lockOf(key, open) }));
    const texts = this.#texts();
    const faults = [
      ...locks.filter(({ message }) => message !== ''),
      ...settingFaults({ ...texts, ...changes, [VERSION_KEY]: versionTag }, versionTag),
    ];
    if (Object.keys(changes).length === 0) faults.push({ field: 'changes', message: 'must name at least one key' });
    if (faults.length > 0) throw unprocessable(faults);
    return Object.entries(changes).flatMap(([key, text]) => settingChange(key, texts[key], text.trim()));
  }

  /**
   * Returns when the change is encrypted and journaled. One at a time: `admit`, which throws when the settings are not
   * those that the change was made of, is asked when its turn has come. Throws as `preview`, and what the worker says.
   */
  save(changes: Texts, by: ChangedBy, admit: () => void = () => undefined): Promise<readonly SettingChange[]> {
    return this.#queue.run(() => {
      admit();
      return this.#saveNow(changes, by);
    });
  }

  async #saveNow(changes: Texts, by: ChangedBy): Promise<readonly SettingChange[]> {
    const difference = await this.preview(changes);
    if (difference.length === 0) return [];
    try {
      await this.options.ask({ ask: 'worker', task: { task: 'save-settings', changes, ...by } });
    } catch (error) {
      throw asFaults(error);
    }
    return difference;
  }

  #texts(): Texts {
    return parseEnvBot(this.options.vault().envBot().reveal());
  }
}

function settingView({ group: _group, ...one }: Described, sessionOpen: boolean): SettingView {
  return { ...one, locked: lockOf(one.key, sessionOpen) };
}

/** Why a key cannot be changed now; empty when it can (RUN-30). */
function lockOf(key: string, sessionOpen: boolean): string {
  if (key === VERSION_KEY) return 'Each save sets it to the version that runs.';
  const [locked] = lockedSettings([key], sessionOpen);
  return locked?.reason ?? '';
}

/** The text of the default; an inheriting key is empty, and takes the other's value. */
function standardOf(spec: SettingSpec<unknown>): string {
  return spec.inherits === undefined ? spec.format(spec.default) : '';
}

function settingFaults(texts: Texts, versionTag: string): readonly FieldFault[] {
  try {
    parseSettings(texts, { versionTag });
    return [];
  } catch (error) {
    return faultsOf(error);
  }
}

function faultsOf(error: unknown): readonly FieldFault[] {
  if (!(error instanceof TradeBotError) || error.code !== 'SETTINGS_INVALID') throw error;
  return Object.entries(error.details).map(([field, message]) => ({ field, message: String(message) }));
}

/** The worker looks again, and may find what changed meanwhile. */
function asFaults(error: unknown): unknown {
  const invalid = error instanceof TradeBotError && error.code === 'SETTINGS_INVALID';
  return invalid ? unprocessable(faultsOf(error)) : error;
}

function settingChange(key: string, before: string | undefined, after: string): readonly SettingChange[] {
  const spec = BY_KEY.get(key);
  if (spec === undefined) return [];
  const from = before ?? standardOf(spec);
  if (from === after) return [];
  const { secret } = spec;
  return [{ key, from: secret ? null : from, to: secret ? null : after, secret, takesEffectAt: effectOf(spec) }];
}

function effectOf({ change, takesEffect }: SettingSpec<unknown>): string {
  if (!takesEffect) return 'not in this version';
  return change === 'hot' ? 'at once' : 'with the next session';
}
