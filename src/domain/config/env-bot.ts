import { configError } from '../../kernel/errors.js';
import { bareRecord } from '../../kernel/records.js';
import { isOwnKey } from './own-names.js';
import { parsePending, pendingLine, type PendingSetting, type StoredSettings } from './pending-settings.js';
import { SETTING_TABLE } from './settings.js';
import type { SettingSpec } from './setting-kinds.js';

const KEY = /^[A-Za-z][A-Za-z0-9_]{0,79}$/;
const MOST_LINES = 5_000;
const MOST_FAULTS = 50;

interface Line {
  readonly key: string;
  readonly value: string;
}

/**
 * Parses `.env_bot` into texts by key: `KEY=value` lines, `#` comments, values plain, in single quotes (verbatim) or in
 * double quotes (escapes `\n`, `\"`, `\\`). Throws one ConfigError SETTINGS_TEXT_INVALID with the line numbers of all
 * faults and without any values; `parseSettings` validates keys and values.
 */
export function parseEnvBot(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/\r?\n/);
  const faults: string[] = lines.length > MOST_LINES ? [`more than ${MOST_LINES} lines`] : [];
  const values = new Map<string, string>();
  const firstAt = new Map<string, number>();
  for (const [index, raw] of lines.slice(0, MOST_LINES).entries()) {
    const number = index + 1;
    const line = parseLine(raw.trim());
    if (line === undefined) continue;
    if (typeof line === 'string') {
      faults.push(`line ${number} ${line}`);
      continue;
    }
    const first = firstAt.get(line.key);
    if (first !== undefined) faults.push(`line ${number} sets ${line.key} again after line ${first}`);
    firstAt.set(line.key, first ?? number);
    values.set(line.key, line.value);
  }
  if (faults.length > 0) throw notEnvBot(faults);
  return bareRecord(values);
}

/** The settings in the text of `.env_bot`, and the changes that wait in it. Throws as `parseEnvBot`. */
export function parseStored(text: string): StoredSettings {
  return { texts: parseEnvBot(text), pending: parsePending(text) };
}

/** The value of one key in the text of `.env_bot`, whatever is wrong with other lines; undefined when no line sets it. */
export function valueIn(text: string, key: string): string | undefined {
  for (const raw of text.split(/\r?\n/).slice(0, MOST_LINES)) {
    const line = parseLine(raw.trim());
    if (typeof line === 'object' && line.key === key) return line.value;
  }
  return undefined;
}

/** The text of `.env_bot` with another value of a key in the line that sets it; every other line stays as it is. */
export function withValue(text: string, key: string, value: string): string {
  const lines = text.split('\n').map((raw) => {
    const line = parseLine(raw.trim());
    return typeof line === 'object' && line.key === key ? `${key}=${quoted(value)}` : raw;
  });
  return lines.join('\n');
}

/** Returns undefined for a blank line or comment, and a text for a fault. */
function parseLine(line: string): Line | string | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  const at = line.indexOf('=');
  const key = line.slice(0, Math.max(at, 0)).trim();
  if (!KEY.test(key)) return 'is not KEY=value';
  const value = parseValue(line.slice(at + 1).trim());
  return value === undefined ? `(${key}) has an unclosed quote, or text after the closing quote` : { key, value };
}

function parseValue(text: string): string | undefined {
  const [quote] = text;
  if (quote !== '"' && quote !== "'") return text.replace(/(^|\s+)#.*$/, '').trimEnd();
  const quoted = quote === '"' ? /^"((?:[^"\\]|\\["\\n])*)"\s*(#.*)?$/ : /^'([^']*)'\s*(#.*)?$/;
  const inner = quoted.exec(text)?.[1];
  if (inner === undefined || quote === "'") return inner;
  return inner.replace(/\\(["\\n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function notEnvBot(faults: readonly string[]): ReturnType<typeof configError> {
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  const more = faults.length > MOST_FAULTS ? '; and others' : '';
  return configError({
    code: 'SETTINGS_TEXT_INVALID',
    message: `${count} in .env_bot: ${faults.slice(0, MOST_FAULTS).join('; ')}${more}`,
    remedy: 'Write one KEY=value per line, each key once, comments after #. Nothing was changed.',
    details: { faults: faults.length },
  });
}

const SPECS: readonly (readonly [string, SettingSpec<unknown>])[] = Object.entries(SETTING_TABLE);

/**
 * Renders `.env_bot` with every key of the table by group, its help above it, `texts` over the defaults. An inheriting
 * key that is not set stays empty, so it keeps inheriting. Settings of own strategies follow as they are, also of one that
 * is not in the home now; unknown keys are omitted. Pending changes come last.
 */
export function renderEnvBot(texts: Readonly<Record<string, string>>, pending: readonly PendingSetting[] = []): string {
  const lines = ['# TradeBot settings. Change them on the settings page, which encrypts this text on every save.'];
  let group = '';
  const ordered = [...SPECS].sort(([, a], [, b]) => groupRank(a.group) - groupRank(b.group));
  for (const [key, spec] of ordered) {
    if (spec.group !== group) lines.push('', `# ==== ${spec.group} ====`);
    group = spec.group;
    const unit = spec.unit === '' ? '' : ` [${spec.unit}]`;
    lines.push(`# ${spec.label}${unit}: ${spec.help} Must be ${spec.mustBe}.`);
    lines.push(`${key}=${quoted(textOf(key, spec, texts))}`);
  }
  const own = Object.entries(texts).filter(([key, text]) => isOwnKey(key) && text !== '');
  if (own.length > 0)
    lines.push('', '# ==== own strategies ====', ...own.map(([key, text]) => `${key}=${quoted(text)}`));
  if (pending.length > 0) lines.push('', '# ==== pending: from the next session ====', ...pending.map(pendingLine));
  return `${lines.join('\n')}\n`;
}

const GROUPS = [...new Set(SPECS.map(([, spec]) => spec.group))];

function groupRank(group: string): number {
  return GROUPS.findIndex((name) => name === group);
}

function textOf(key: string, spec: SettingSpec<unknown>, texts: Readonly<Record<string, string>>): string {
  if (Object.hasOwn(texts, key)) return texts[key] ?? '';
  return spec.inherits === undefined ? spec.format(spec.default) : '';
}

function quoted(value: string): string {
  if (!/[\n"'\\#]|^\s|\s$/.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
