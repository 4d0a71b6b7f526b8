import { clockTimeFromText, parseClockTime, type ClockTime } from '../calendar/clock-time.js';
import type { OwnKey } from './own-names.js';
import { kindsOf, type SettingSpec } from './setting-kinds.js';
import type { SettingFault, Settings } from './settings.js';

/** A setting of an own strategy, as its module describes it. */
export interface OwnSetting {
  readonly key: OwnKey;
  readonly kind: 'boolean' | 'count' | 'number' | 'decimal' | 'choice' | 'clock-time';
  readonly label: string;
  readonly help: string;
  readonly unit: string;
  readonly default: string;
  /** Least and greatest value as text; empty for a kind without them. */
  readonly min: string;
  readonly max: string;
  /** The words of a choice, the default first. */
  readonly choices: readonly string[];
}

/** An own strategy that was found, with its settings. */
export interface OwnStrategyInfo {
  readonly name: string;
  readonly description: string;
  readonly settings: readonly OwnSetting[];
}

/** The entry of the settings table that the setting of an own strategy would have. */
function ownSpec(strategy: string, setting: OwnSetting): SettingSpec<unknown> {
  const kinds = kindsOf(`strategy ${strategy}`);
  const { label, help, unit, default: value, min, max, choices, kind } = setting;
  const init = { label, help, unit };
  switch (kind) {
    case 'boolean':
      return kinds.flag(value === 'true', init);
    case 'count':
      return kinds.count(Number(value), Number(min), Number(max), init);
    case 'number':
      return kinds.number(Number(value), Number(min), Number(max), init);
    case 'decimal':
      return kinds.decimal(value, min, max, init);
    case 'choice':
      return kinds.choice([value, ...choices.filter((choice) => choice !== value)], init);
    case 'clock-time':
      return kinds.clockTime(parsedTime(value), init);
  }
}

function parsedTime(text: string): ClockTime {
  return clockTimeFromText(text) ?? parseClockTime('09:30@America/New_York');
}

/** The entries of all own strategies by key. */
export function ownSpecs(strategies: readonly OwnStrategyInfo[]): ReadonlyMap<string, SettingSpec<unknown>> {
  return new Map(
    strategies.flatMap(({ name, settings }) => settings.map((one) => [one.key, ownSpec(name, one)] as const)),
  );
}

/** The text of a setting of an own strategy: as it is set, else its default. */
export function ownText(settings: Settings, setting: OwnSetting): string {
  const text = settings[setting.key];
  return text === undefined || text === '' ? setting.default : text;
}

/** Faults of the settings of one own strategy as they are set. */
export function ownFaults(settings: Settings, { name, settings: own }: OwnStrategyInfo): readonly SettingFault[] {
  return own.flatMap((setting) => {
    const spec = ownSpec(name, setting);
    const text = ownText(settings, setting);
    return spec.parse(text) === undefined
      ? [{ key: setting.key, problem: `must be ${spec.mustBe}, not "${text.slice(0, 60)}"` }]
      : [];
  });
}
