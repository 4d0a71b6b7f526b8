import { capital, grouped, words } from '../../lib/format.js';
import { decisions, REMEDIES, RULES, STAGES, VALUES } from './messages.js';

/** A rule with the values that were looked at. */
interface Judged {
  readonly code: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

/** Whole numbers of four digits may be years. */
const NUMBER = /^-?(\d+\.\d+|\d{5,})$/;
/** Names of things that a link opens; no values of a rule. */
const NO_VALUES: ReadonlySet<string> = new Set(['positionId', 'clientOrderId', 'session', 'strategy']);

/** A rule in plain words. */
export function ruleText(code: string): string {
  return RULES[code] ?? words(code.toLowerCase());
}

/** What a person can do about a rule; empty for most. */
export function remedyText(code: string): string {
  return REMEDIES[code] ?? '';
}

/** A kind of rule in plain words. */
export function stageText(stage: string): string {
  return STAGES[stage] ?? capital(words(stage));
}

/** What ended something, in plain words; a strategy of a session that is open may still start, and one that runs decide. */
export function endText({ code, figures }: Judged): string {
  if (code === 'NEVER_STARTED' && figures['session'] === 'open') return decisions.notStarted;
  if (code === 'UNDECIDED' || code === 'NOT_RANKED')
    return (figures['strategy'] === 'RUNNING' ? decisions.running : decisions.over)[code];
  return ruleText(code);
}

/** The values that were looked at: "exit price 3.21, limit 5.00". */
export function valuesText(figures: Judged['figures']): string {
  return Object.entries(figures)
    .filter(([name]) => !NO_VALUES.has(name))
    .map(([name, value]) => `${VALUES[name] ?? nameText(name)} ${valueText(String(value))}`.trim())
    .join(', ');
}

/** `exitPrice` is "exit price"; a setting keeps its name. */
function nameText(name: string): string {
  return /^[A-Z0-9_]+$/.test(name)
    ? name
    : words(name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`));
}

function valueText(value: string): string {
  if (NUMBER.test(value)) return grouped(value);
  return /^[a-z]+(_[a-z]+)+$/.test(value) ? words(value) : value;
}
