import { clockTimeFromText, isFixedOffset } from '../../domain/calendar/clock-time.js';
import { isOwnKey, ownKey } from '../../domain/config/own-names.js';
import type { OwnSetting, OwnStrategyInfo } from '../../domain/config/own-settings.js';
import { SHORT_TYPES } from '../../domain/config/short-types.js';
import type { HalfDayRule } from '../../domain/config/configured-strategies.js';

/** What the module of an own strategy says of itself, checked. */
export interface OwnDefinition extends OwnStrategyInfo {
  readonly onHalfDays: HalfDayRule;
  /** The functions that it has. */
  readonly methods: readonly string[];
}

/** What is wrong with a module, and what would be right; a sentence each. */
export interface DefinitionFault {
  readonly cause: string;
  readonly remedy: string;
}

/** Names of the settings that every own strategy has. */
export const COMMON = {
  start: 'START_TIME',
  analysis: 'ANALYSIS_TIME',
  entry: 'ENTRY_TIME',
  monitoring: 'MONITORING_TIME',
  trail: 'TRAIL_PCT',
  shortType: 'SHORT_TYPE',
} as const;

const REQUIRED = ['analyze', 'signal'] as const;
const KNOWN: readonly string[] = [...REQUIRED, 'selfCheck', 'manage'];
const SETTING_NAME = /^[A-Z][A-Z0-9_]{0,29}$/;
const LONGEST_TEXT = 200;
const MOST_SETTINGS = 40;
const MOST_MINUTES = 390;

class Faulty extends Error {
  constructor(
    readonly what: string,
    readonly remedy: string,
  ) {
    super(what);
  }
}

/** Checks what a module says of itself; one that is not as `Strategy` of tradebot/strategy is a fault. */
export function definitionOf(name: string, described: unknown): OwnDefinition | DefinitionFault {
  try {
    return parsed(name, recordOf(described, 'the default export'));
  } catch (error) {
    if (error instanceof Faulty) return { cause: error.what, remedy: error.remedy };
    throw error;
  }
}

function parsed(
  name: string,
  { description, window, settings, methods }: Readonly<Record<string, unknown>>,
): OwnDefinition {
  const has = methodsOf(methods);
  const own = settingsOf(name, settings === undefined ? {} : recordOf(settings, 'settings'));
  const { common, onHalfDays } = windowOf(name, recordOf(window, 'window'));
  return {
    name,
    description: textOf(description, 'description'),
    settings: [...common, ...own],
    onHalfDays,
    methods: has,
  };
}

function methodsOf(methods: unknown): readonly string[] {
  const has = Array.isArray(methods) ? methods.map(String) : [];
  const missing = REQUIRED.filter((method) => !has.includes(method));
  if (missing.length > 0) {
    throw new Faulty(
      `it has no function ${missing.join(' and no function ')}`,
      `Add ${missing.join(' and ')} to the default export.`,
    );
  }
  const unknown = has.filter((method) => !KNOWN.includes(method));
  if (unknown.length > 0) {
    throw new Faulty(
      `TradeBot never calls its function ${unknown.join(', ')}`,
      `Use one of ${KNOWN.join(', ')}, or keep it outside the default export.`,
    );
  }
  return has;
}

interface WindowParts {
  readonly common: readonly OwnSetting[];
  readonly onHalfDays: HalfDayRule;
}

function windowOf(name: string, window: Readonly<Record<string, unknown>>): WindowParts {
  const { start, onHalfDays = 'fixed' } = window;
  const time = typeof start === 'string' ? clockTimeFromText(start) : undefined;
  if (typeof start !== 'string' || time === undefined || isFixedOffset(time.zone)) {
    throw new Faulty(
      `window.start is ${shown(start)}`,
      'Write a time with the zone of a city, such as 10:00@America/New_York.',
    );
  }
  if (onHalfDays !== 'fixed' && onHalfDays !== 'with-the-close') {
    throw new Faulty(`window.onHalfDays is ${shown(onHalfDays)}`, 'Write fixed or with-the-close.');
  }
  const common = [
    { ...TEXTS.start, ...PLAIN, kind: 'clock-time', default: start } as const,
    minutesOf(window, 'analysisMinutes'),
    minutesOf(window, 'entryMinutes'),
    minutesOf(window, 'monitoringMinutes'),
    {
      ...TEXTS.trail,
      kind: 'decimal',
      unit: 'fraction',
      default: '0.02',
      min: '0.0005',
      max: '0.5',
      choices: [],
    } as const,
    { ...TEXTS.shortType, ...PLAIN, kind: 'choice', default: 'disabled', choices: [...SHORT_TYPES] } as const,
  ];
  return { onHalfDays, common: common.map(({ own, ...rest }) => ({ key: ownKey(name, own), ...rest })) };
}

const PLAIN = { unit: '', min: '', max: '', choices: [] } as const;

/** Labels and helps of the settings that every own strategy has. */
const TEXTS = {
  start: { own: COMMON.start, label: 'Start time', help: 'Start of the analysis.' },
  analysisMinutes: {
    own: COMMON.analysis,
    label: 'Analysis time',
    help: 'Minutes of observation without entries.',
  },
  entryMinutes: {
    own: COMMON.entry,
    label: 'Entry time',
    help: 'Minutes after the analysis in which entries are allowed.',
  },
  monitoringMinutes: {
    own: COMMON.monitoring,
    label: 'Monitoring time',
    help: 'Minutes after the entries in which positions are managed; those still open are closed.',
  },
  trail: {
    own: COMMON.trail,
    label: 'Trailing stop',
    help: 'Distance of the stop from the best price since entry.',
  },
  shortType: {
    own: COMMON.shortType,
    label: 'Bearish trades',
    help: 'Instrument for bearish signals. disabled: bearish signals are not traded.',
  },
} as const;

function minutesOf(
  window: Readonly<Record<string, unknown>>,
  what: 'analysisMinutes' | 'entryMinutes' | 'monitoringMinutes',
): Omit<OwnSetting, 'key'> & { readonly own: string } {
  const value = window[what];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MOST_MINUTES) {
    throw new Faulty(`window.${what} is ${shown(value)}`, `Write whole minutes from 1 to ${MOST_MINUTES}.`);
  }
  return {
    ...TEXTS[what],
    kind: 'count',
    unit: 'min',
    default: String(value),
    min: '1',
    max: String(MOST_MINUTES),
    choices: [],
  };
}

function settingsOf(strategy: string, settings: Readonly<Record<string, unknown>>): readonly OwnSetting[] {
  const entries = Object.entries(settings);
  if (entries.length > MOST_SETTINGS)
    throw new Faulty(`it has ${entries.length} settings`, `Keep to ${MOST_SETTINGS}.`);
  return entries.map(([name, given]) => {
    const common: readonly string[] = Object.values(COMMON);
    const key = ownKey(strategy, name);
    if (!SETTING_NAME.test(name) || !isOwnKey(key)) {
      throw new Faulty(
        `its setting ${shown(name)} has no valid name`,
        'Use up to 30 capitals, digits and underscores, such as BUFFER.',
      );
    }
    if (common.includes(name)) {
      throw new Faulty(
        `its setting ${name} is one that every own strategy has`,
        `Leave ${name} out, or use another name.`,
      );
    }
    return settingOf(name, key, recordOf(given, `settings.${name}`));
  });
}

function settingOf(name: string, key: OwnSetting['key'], given: Readonly<Record<string, unknown>>): OwnSetting {
  const at = `settings.${name}`;
  const texts = { label: textOf(given['label'], `${at}.label`), help: textOf(given['help'], `${at}.help`) };
  const { kind, default: value, min, max, choices, unit = '' } = given;
  const plain = { key, ...texts, unit: '', min: '', max: '', choices: [] };
  switch (kind) {
    case 'flag':
      if (typeof value !== 'boolean') throw new Faulty(`${at}.default is ${shown(value)}`, 'Write true or false.');
      return { ...plain, kind: 'boolean', default: String(value) };
    case 'number': {
      const [from, to, standard] = [
        numberOf(min, `${at}.min`),
        numberOf(max, `${at}.max`),
        numberOf(value, `${at}.default`),
      ];
      if (from > to || standard < from || standard > to) {
        throw new Faulty(`${at}.default is ${standard}, not from ${from} to ${to}`, 'Correct default, min or max.');
      }
      const bounds = { default: textOfNumber(standard), min: textOfNumber(from), max: textOfNumber(to) };
      return { ...plain, kind: 'number', unit: unit === '' ? '' : textOf(unit, `${at}.unit`), ...bounds };
    }
    case 'word': {
      const words = Array.isArray(choices) ? choices.map((word) => textOf(word, `${at}.choices`)) : [];
      if (
        words.length === 0 ||
        new Set(words).size !== words.length ||
        typeof value !== 'string' ||
        !words.includes(value)
      ) {
        throw new Faulty(
          `${at}.default is ${shown(value)}, not one of its choices`,
          'List the choices, each once, the default among them.',
        );
      }
      return { ...plain, kind: 'choice', default: value, choices: words };
    }
    default:
      throw new Faulty(`${at}.kind is ${shown(kind)}`, 'Write number, flag or word.');
  }
}

/** Nine decimals, as every setting. */
function textOfNumber(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}

function numberOf(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e15) return value;
  throw new Faulty(`${what} is ${shown(value)}`, 'Write a number.');
}

function textOf(value: unknown, what: string): string {
  const isText = typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_TEXT;
  if (isText && !/[\u0000-\u001f\u007f,]/.test(what.endsWith('.choices') ? value : '')) return value.trim();
  throw new Faulty(`${what} is ${shown(value)}`, `Write a text of 1 to ${LONGEST_TEXT} characters.`);
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new Faulty(`${what} is ${shown(value)}, not an object`, 'See the template: tradebot new-strategy NAME.');
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60);
}
