import { canonicalJson } from '../../kernel/canonical-json.js';
import { configError } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import { crossKeyFaults } from './cross-key-rules.js';
import { SESSION_KEYS } from './session-keys.js';
import type { SettingSpec } from './setting-kinds.js';
import { GENERAL_KEYS, LATER_KEYS, SYSTEM_KEYS } from './system-keys.js';
import { TRADING_KEYS } from './trading-keys.js';
import { unknownKeyFault } from './unknown-keys.js';

/** Every key, once (CFG-5): faults, defaults, descriptions and the settings page are made from this table. */
export const SETTING_TABLE = { ...GENERAL_KEYS, ...TRADING_KEYS, ...SESSION_KEYS, ...LATER_KEYS, ...SYSTEM_KEYS };

export type SettingKey = keyof typeof SETTING_TABLE;
type ValueOf<S> = S extends SettingSpec<infer T> ? T : never;

/** What code sees (CFG-1): validated, immutable, named as in spec 30. */
export type Settings = { readonly [K in SettingKey]: ValueOf<(typeof SETTING_TABLE)[K]> };

/** One thing that is wrong: the key, what it got (a secret shows as ***), what it must be. */
export interface SettingFault {
  readonly key: string;
  readonly got: string;
  readonly mustBe: string;
}

/** The table without the differences between its entries. */
const SPECS: ReadonlyMap<string, SettingSpec<unknown>> = new Map(Object.entries(SETTING_TABLE));

function shown(spec: SettingSpec<unknown> | undefined, text: string): string {
  return spec?.secret === true ? HIDDEN : text.slice(0, 60);
}

function faultLine(fault: SettingFault): string {
  return `${fault.key} got "${fault.got}", must be ${fault.mustBe}`;
}

function refuse(faults: readonly SettingFault[]): never {
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  throw configError({
    code: 'SETTINGS_INVALID',
    message: `${count} in the settings: ${faults.map(faultLine).join('; ')}`,
    remedy: 'Correct every key that is named; nothing was changed.',
    details: byKey(faults),
  });
}

/** A key can have two faults, such as too few weights with too large a sum. */
function byKey(faults: readonly SettingFault[]): Readonly<Record<string, string>> {
  const lines = new Map<string, string>();
  for (const { key, got, mustBe } of faults) {
    const before = lines.get(key);
    lines.set(key, `${before === undefined ? '' : `${before}; `}got "${got}", must be ${mustBe}`);
  }
  return Object.fromEntries(lines);
}

/** An inheriting key that nobody set, or that is empty, takes the value of the key that it names. */
function inherit(values: Map<string, unknown>, overrides: ReadonlyMap<string, string>): void {
  for (const [key, spec] of SPECS) {
    if (spec.inherits !== undefined && (overrides.get(key) ?? '') === '') values.set(key, values.get(spec.inherits));
  }
}

/** What the settings of a home must be, beside right. */
export interface SettingsContext {
  /** The version that runs: VERSION_TAG must name it (RUN-37). Left out, it is not looked at. */
  readonly versionTag?: string;
  /** Every key must be there (RUN-21); else one that is not takes its default. */
  readonly whole?: boolean;
}

function faultsInContext(given: ReadonlyMap<string, string>, context: SettingsContext): readonly SettingFault[] {
  const missing =
    context.whole === true
      ? [...SPECS]
          .filter(([key]) => !given.has(key))
          .map(([key, spec]) => ({ key, got: '(nothing)', mustBe: spec.mustBe }))
      : [];
  const tag = given.get('VERSION_TAG') ?? '';
  const { versionTag } = context;
  if (versionTag === undefined || tag === versionTag || missing.some(({ key }) => key === 'VERSION_TAG'))
    return missing;
  const mustBe = `${versionTag}, the version that runs: save the settings once with it`;
  return [...missing, { key: 'VERSION_TAG', got: tag.slice(0, 60), mustBe }];
}

/**
 * Defaults with `overrides` over them, each a text as in `.env_bot` (values of a list by comma). Lists every fault at
 * once, unknown and deprecated keys and broken cross-key rules included, as one ConfigError SETTINGS_INVALID (CFG-2,
 * CFG-3); its details carry one entry a key.
 */
export function parseSettings(overrides: Readonly<Record<string, string>>, context: SettingsContext = {}): Settings {
  const given = new Map(Object.entries(overrides).map(([key, text]) => [key, text.trim()]));
  const values = new Map<string, unknown>([...SPECS].map(([key, spec]) => [key, spec.default]));
  const faults: SettingFault[] = [];
  for (const [key, text] of given) {
    const spec = SPECS.get(key);
    if (spec === undefined) {
      faults.push(unknownKeyFault(key, [...SPECS.keys()]));
      continue;
    }
    if (spec.inherits !== undefined && text === '') continue;
    const value = spec.parse(text);
    if (value === undefined) faults.push({ key, got: shown(spec, text), mustBe: spec.mustBe });
    else values.set(key, value);
  }
  faults.push(...faultsInContext(given, context));
  inherit(values, given);
  const settings = Object.freeze(Object.fromEntries(values)) as Settings;
  faults.push(...crossKeyFaults(settings, new Set(faults.map((fault) => fault.key))));
  if (faults.length > 0) refuse(faults);
  return settings;
}

/** Texts without keys that the table does not have, such as those of another version. */
export function knownTexts(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => SPECS.has(key)));
}

/** What stands for a secret wherever settings are shown or recorded. */
export const HIDDEN = '***';

/** Each key with the text that parses to its value; a secret as `***`, unless it is left at its default. */
export function describeSettings(settings: Settings): Readonly<Record<SettingKey, string>> {
  const entries = Object.entries(settings).map(([key, value]) => {
    const spec = SPECS.get(key);
    if (spec === undefined) return [key, ''];
    return [key, value === spec.default ? spec.format(value) : shown(spec, spec.format(value))];
  });
  return Object.fromEntries(entries) as Record<SettingKey, string>;
}

/** Names the settings in force: equal values give equal digests, however they were written; secrets have no part. */
export function settingsSha256(settings: Settings): Sha256Hex {
  const entries = Object.entries(settings).map(([key, value]) => {
    const spec = SPECS.get(key);
    return [key, spec?.format(spec.secret ? spec.default : value)];
  });
  return sha256Hex(canonicalJson(Object.fromEntries(entries)));
}

export const DEFAULT_SETTINGS: Settings = parseSettings({});
