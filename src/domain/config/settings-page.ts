import { isOwnKey } from './own-names.js';
import { ownSpecs, type OwnStrategyInfo } from './own-settings.js';
import { HIDDEN, SETTING_TABLE } from './settings.js';
import { isHidden, type SettingSpec } from './setting-kinds.js';

/** A setting as displayed (CFG-5). */
export interface SettingView {
  readonly key: string;
  readonly group: string;
  readonly label: string;
  /** Mentions it when the setting has no effect yet. */
  readonly help: string;
  readonly unit: string;
  readonly kind: SettingSpec<unknown>['kind'];
  /** Allowed values in words. */
  readonly mustBe: string;
  readonly choices: readonly string[] | null;
  readonly default: string;
  /** `***` when a secret is set. */
  readonly value: string;
  readonly change: 'hot' | 'cold';
  readonly takesEffect: boolean;
  readonly secret: boolean;
  /** Key whose value applies while this one is empty. */
  readonly inherits: string | null;
}

const SPECS: readonly (readonly [string, SettingSpec<unknown>])[] = Object.entries(SETTING_TABLE);

/**
 * Lists every setting by group with its text in `texts` (from `.env_bot` or `describeSettings`), else its default. Texts
 * may be invalid, because the page is where they are corrected. Those of own strategies come last, and their names are
 * among the choices of the sequence.
 */
export function settingsPage(
  texts: Readonly<Record<string, string>>,
  own: readonly OwnStrategyInfo[] = [],
): readonly SettingView[] {
  const all = [...SPECS, ...ownSpecs(own)];
  const groups = [...new Set(all.map(([, { group }]) => group))];
  const names = own.map(({ name }) => name);
  return groups
    .flatMap((group) => all.filter(([, spec]) => spec.group === group).map(([key, spec]) => viewOf(key, spec, texts)))
    .map((view) =>
      NAMES_STRATEGIES.includes(view.key) ? { ...view, choices: [...(view.choices ?? []), ...names] } : view,
    );
}

/** Settings whose value is the name of a strategy, or several. */
const NAMES_STRATEGIES: readonly string[] = ['STRATEGY_SEQUENCE', 'STRATEGY_OVERRIDE'];

function viewOf(key: string, spec: SettingSpec<unknown>, texts: Readonly<Record<string, string>>): SettingView {
  const { group, label, unit, kind, mustBe, change, takesEffect, secret } = spec;
  const byDefault = spec.format(spec.default);
  const given = Object.hasOwn(texts, key) ? texts[key] : undefined;
  const value = given ?? (spec.inherits === undefined ? byDefault : '');
  return {
    key,
    group,
    label,
    help: takesEffect ? spec.help : `${spec.help} Has no effect in this version.`,
    unit,
    kind,
    mustBe,
    choices: spec.choices ?? null,
    default: byDefault,
    value: isHidden(spec, value) ? HIDDEN : value,
    change,
    takesEffect,
    secret,
    inherits: spec.inherits ?? null,
  };
}

/** Each known key with its normalized text, as `describeSettings` does, for texts that may be invalid; secrets as `***`. */
export function describeTexts(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const normal = new Map(SPECS.map(([key, spec]) => [key, normalText(spec, texts[key])]));
  for (const [key, spec] of SPECS) {
    if (spec.inherits !== undefined && normal.get(key) === '') normal.set(key, normal.get(spec.inherits) ?? '');
  }
  const own = Object.entries(texts).filter(([key, text]) => isOwnKey(key) && text.trim() !== '');
  return Object.fromEntries([
    ...SPECS.map(([key, spec]) => {
      const text = normal.get(key) ?? '';
      return [key, isHidden(spec, text) ? HIDDEN : text];
    }),
    ...own.map(([key, text]) => [key, text.trim()]),
  ]);
}

function normalText(spec: SettingSpec<unknown>, text: string | undefined): string {
  if (text === undefined) return spec.inherits === undefined ? spec.format(spec.default) : '';
  if (text === '' && spec.inherits !== undefined) return '';
  const value = spec.parse(text);
  return value === undefined ? text : spec.format(value);
}
