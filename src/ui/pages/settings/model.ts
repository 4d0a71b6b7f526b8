import type { components } from '../../generated/api.js';

/** A setting as the server gives it. */
export type Setting = components['schemas']['SettingAnswer'];
/** The settings with the tag that a change needs. */
export interface Settings {
  readonly groups: readonly { readonly group: string; readonly settings: readonly Setting[] }[];
  readonly openSession: string | null;
  readonly etag: string;
}

/** What the server shows in place of a secret that is set. */
const HIDDEN = '***';

/** The text that a field starts with: a secret is typed again or left as it is. */
export function startText({ secret, value }: Pick<Setting, 'secret' | 'value'>): string {
  return secret && value === HIDDEN ? '' : value;
}

/** Whether a setting has another value than without any change. */
function differs({ secret, value, default: standard, inherits }: Setting): boolean {
  if (inherits !== null) return value !== '';
  return secret ? value !== '' && value !== standard : value !== standard;
}

/** How many settings have no effect in this version. */
export function withoutEffect(groups: Settings['groups']): number {
  return groups.flatMap(({ settings }) => settings).filter(({ takesEffect }) => !takesEffect).length;
}

/** What the page shows. */
interface Wanted {
  readonly find: string;
  readonly group: string;
  readonly changedOnly: boolean;
  /** Also settings without an effect; a search finds them too. */
  readonly idle: boolean;
}

/** Settings of the chosen group whose name, key or help has every word. */
export function matching(groups: Settings['groups'], { find, group, changedOnly, idle }: Wanted): Settings['groups'] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (one: Setting): boolean => {
    const text = `${one.key} ${one.label} ${one.help}`.toLowerCase();
    if (!one.takesEffect && !idle && words.length === 0) return false;
    return words.every((word) => text.includes(word)) && (!changedOnly || differs(one));
  };
  return groups
    .filter((one) => group === '' || one.group === group)
    .map((one) => ({ group: one.group, settings: one.settings.filter(fits) }))
    .filter((one) => one.settings.length > 0);
}

const NUMBERS: readonly string[] = ['count', 'number', 'decimal'];
const SEPARATED = /^\d{1,3}(,\d{3})+(\.\d+)?$/;

/** What was typed, as the server takes it: a large number may be typed as the page shows it. */
function sentText({ kind }: Setting, text: string): string {
  const typed = text.trim();
  return NUMBERS.includes(kind) && SEPARATED.test(typed) ? typed.replaceAll(',', '') : typed;
}

/** The edits that differ from what is stored, as the server takes them. */
export function changesOf(
  groups: Settings['groups'],
  edits: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const all = new Map(groups.flatMap(({ settings }) => settings).map((one) => [one.key, one]));
  const changed = Object.entries(edits).flatMap(([key, text]) => {
    const setting = all.get(key);
    if (setting === undefined) return [];
    const sent = sentText(setting, text);
    return sent === startText(setting) ? [] : [[key, sent] as const];
  });
  return Object.fromEntries(changed);
}
