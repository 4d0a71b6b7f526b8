import { canonicalJson } from '../../kernel/canonical-json.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import { bareRecord } from '../../kernel/records.js';
import { crossKeyFaults } from './cross-key-rules.js';
import { SESSION_KEYS } from './session-keys.js';
import { isOwnKey, ownTextProblem, type OwnKey } from './own-names.js';
import { isHidden, type SettingSpec } from './setting-kinds.js';
import { GENERAL_KEYS, LATER_KEYS, SYSTEM_KEYS } from './system-keys.js';
import { TRADING_KEYS } from './trading-keys.js';
import { unknownKeyFault } from './unknown-keys.js';

/** All settings (CFG-5): faults, defaults, descriptions and the settings page come from this table. */
export const SETTING_TABLE = { ...GENERAL_KEYS, ...TRADING_KEYS, ...SESSION_KEYS, ...LATER_KEYS, ...SYSTEM_KEYS };

export type SettingKey = keyof typeof SETTING_TABLE;
type ValueOf<S> = S extends SettingSpec<infer T> ? T : never;

/** The settings as code sees them (CFG-1): validated, immutable, named as in the settings table of docs/REQUIREMENTS.md. */
export type Settings = { readonly [K in SettingKey]: ValueOf<(typeof SETTING_TABLE)[K]> } & OwnTexts;

/** The settings of own strategies as they are written: only their modules know what they mean. */
export type OwnTexts = Readonly<Record<OwnKey, string>>;

/** An invalid setting; `${key} ${problem}` is a sentence, which never contains a secret. */
export interface SettingFault {
  readonly key: string;
  readonly problem: string;
}

/** The table with a uniform type of entry. */
const SPECS: ReadonlyMap<string, SettingSpec<unknown>> = new Map(Object.entries(SETTING_TABLE));

function shownInFault(spec: SettingSpec<unknown>, text: string): string {
  return spec.secret ? HIDDEN : text.slice(0, 60);
}

/** The ConfigError SETTINGS_INVALID that lists all faults; its details have one entry per key. */
export function invalidSettings(faults: readonly SettingFault[]): TradeBotError {
  const count = faults.length === 1 ? '1 invalid setting' : `${faults.length} invalid settings`;
  return configError({
    code: 'SETTINGS_INVALID',
    message: `${count}: ${faults.map(({ key, problem }) => `${key} ${problem}`).join('. ')}`,
    remedy: 'Correct each of these settings. Nothing was changed.',
    details: byKey(faults),
  });
}

/** Joins the problems of a key with several faults, such as too few weights with too large a sum. */
function byKey(faults: readonly SettingFault[]): Readonly<Record<string, string>> {
  const lines = new Map<string, string>();
  for (const { key, problem } of faults) {
    const before = lines.get(key);
    lines.set(key, before === undefined ? problem : `${before}. It ${problem}`);
  }
  return bareRecord(lines);
}

/** Keeps the text of a setting of an own strategy; an empty one stands for its default. Any other key is unknown. */
function takeOwn(values: Map<string, unknown>, key: string, text: string): readonly SettingFault[] {
  if (!isOwnKey(key)) return [unknownKeyFault(key, [...SPECS.keys()])];
  const problem = ownTextProblem(text);
  if (problem !== undefined) return [{ key, problem }];
  if (text !== '') values.set(key, text);
  return [];
}

/** Gives an inheriting key that is missing or empty the value of the key it inherits from. */
function inherit(values: Map<string, unknown>, overrides: ReadonlyMap<string, string>): void {
  for (const [key, spec] of SPECS) {
    if (spec.inherits !== undefined && (overrides.get(key) ?? '') === '') values.set(key, values.get(spec.inherits));
  }
}

/** Further requirements on the settings of a home. */
export interface SettingsContext {
  /** Running version, which VERSION_TAG must match (RUN-37). Without it, VERSION_TAG is not checked. */
  readonly versionTag?: string;
  /** Requires every key (RUN-21) but those that a released version did not have. Otherwise a missing key takes its default. */
  readonly whole?: boolean;
}

function faultsInContext(given: ReadonlyMap<string, string>, context: SettingsContext): readonly SettingFault[] {
  const missing =
    context.whole === true
      ? [...SPECS]
          .filter(([key, spec]) => !given.has(key) && !spec.addedLater)
          .map(([key, spec]) => ({ key, problem: `is missing; it must be ${spec.mustBe}` }))
      : [];
  const tag = given.get('VERSION_TAG') ?? '';
  const { versionTag } = context;
  if (versionTag === undefined || tag === versionTag || missing.some(({ key }) => key === 'VERSION_TAG'))
    return missing;
  const problem = `must be ${versionTag}, the running version, not "${tag.slice(0, 60)}"; save the settings once to update it`;
  return [...missing, { key: 'VERSION_TAG', problem }];
}

/**
 * Parses `overrides`, texts as in `.env_bot` (lists separated by commas), over the defaults. Throws one ConfigError
 * SETTINGS_INVALID that lists all faults, including unknown and deprecated keys and cross-key rules (CFG-2, CFG-3); its
 * details have one entry per key.
 */
export function parseSettings(overrides: Readonly<Record<string, string>>, context: SettingsContext = {}): Settings {
  const given = new Map(Object.entries(overrides).map(([key, text]) => [key, text.trim()]));
  const values = new Map<string, unknown>([...SPECS].map(([key, spec]) => [key, spec.default]));
  const faults: SettingFault[] = [];
  for (const [key, text] of given) {
    const spec = SPECS.get(key);
    if (spec === undefined) {
      faults.push(...takeOwn(values, key, text));
      continue;
    }
    if (spec.inherits !== undefined && text === '') continue;
    const value = spec.parse(text);
    if (value === undefined) faults.push({ key, problem: `must be ${spec.mustBe}, not "${shownInFault(spec, text)}"` });
    else values.set(key, value);
  }
  faults.push(...faultsInContext(given, context));
  inherit(values, given);
  const settings = Object.freeze(Object.fromEntries(values)) as Settings;
  faults.push(...crossKeyFaults(settings, new Set(faults.map((fault) => fault.key))));
  if (faults.length > 0) throw invalidSettings(faults);
  return settings;
}

/** The texts without unknown keys, such as keys of another version. */
export function knownTexts(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return bareRecord(Object.entries(texts).filter(([key]) => SPECS.has(key) || isOwnKey(key)));
}

/** The settings of a home as far as this version knows their keys; undefined when one of them is not valid. */
export function settingsIfValid(texts: Readonly<Record<string, string>>): Settings | undefined {
  try {
    return parseSettings(knownTexts(texts));
  } catch (error) {
    if (error instanceof TradeBotError && error.code === 'SETTINGS_INVALID') return undefined;
    throw error;
  }
}

/** Placeholder for a secret wherever settings are shown or recorded. */
export const HIDDEN = '***';

/** Each key with the text that parses to its value; a secret as `***`, unless it has its default or may be shown. */
export function describeSettings(settings: Settings): Readonly<Record<SettingKey, string>> & OwnTexts {
  const entries = Object.entries(settings).map(([key, value]) => {
    const spec = SPECS.get(key);
    if (spec === undefined) return [key, value];
    const text = spec.format(value);
    return [key, isHidden(spec, text) ? HIDDEN : text];
  });
  return Object.fromEntries(entries) as Record<SettingKey, string> & OwnTexts;
}

/** Settings do not change: others are another object. */
const digests = new WeakMap<Settings, Sha256Hex>();

/** Digest of the settings in force: equal values give equal digests, whatever their notation; secrets are excluded. */
export function settingsSha256(settings: Settings): Sha256Hex {
  const known = digests.get(settings);
  if (known !== undefined) return known;
  const digest = digestOf(settings);
  digests.set(settings, digest);
  return digest;
}

function digestOf(settings: Settings): Sha256Hex {
  const entries = Object.entries(settings).map(([key, value]) => {
    const spec = SPECS.get(key);
    return [key, spec === undefined ? value : spec.format(spec.secret ? spec.default : value)];
  });
  return sha256Hex(canonicalJson(Object.fromEntries(entries)));
}

export const DEFAULT_SETTINGS: Settings = parseSettings({});
