import { Option, type Command } from 'commander';
import type { DayReport } from '../../../app/day/day-report.js';
import type { Comparison, Happening, Pair } from '../../../app/what-if/compare.js';
import { canonicalJson } from '../../../kernel/canonical-json.js';
import { parseDateText } from '../../../kernel/time.js';
import { whatIf, type WhatIf } from '../../../composition/what-if-session.js';
import { existingHome, withProvenJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import type { Output } from '../output.js';
import { runs } from '../runs.js';
import { assignmentsOf } from '../assignments.js';

interface WhatIfFlags extends GlobalFlags {
  readonly session?: string;
  readonly set: readonly string[];
}

const MOST_SHOWN = 12;
const MOST_CHARACTERS = 400;

/** `tradebot what-if`: a past session with other settings, compared with the recorded one (JRN-33). Changes no file. */
export function registerWhatIf(program: Command, context: CliContext): void {
  const command = program
    .command('what-if')
    .description('replay a past session in memory with other settings and show the differences')
    .requiredOption('--session <yyyy-mm-dd>', 'the trading day')
    .addOption(
      new Option('--set <KEY=VALUE>', 'override a setting of that session; repeatable')
        .default([], 'none: the recorded session')
        .argParser((value: string, all: readonly string[]) => [...all, value]),
    );
  runs(command, (flags: WhatIfFlags) => replay(context, flags));
}

async function replay(context: CliContext, flags: WhatIfFlags): Promise<ExitCode> {
  const date = parseDateText(flags.session ?? '');
  const changes = assignmentsOf(flags.set);
  const home = existingHome(context, flags);
  const { output } = context;
  const bar = output.progress('Replaying', 'minutes');
  const made = await withProvenJournal(context, home, (journal) =>
    whatIf({ ...home, journal, date, changes, onProgress: bar.update }),
  ).finally(bar.stop);
  output.result(resultOf(made));
  print(output, made);
  return 0;
}

function resultOf({ comparison, changed, code }: WhatIf): object {
  const { date, ...rest } = comparison;
  return { ok: true, session: date, settings: changed, code, ...rest };
}

function print(output: Output, { comparison, changed, code }: WhatIf): void {
  output.say(`What if, session of ${comparison.date}: ${changed.length === 0 ? 'no setting changed' : ''}`.trimEnd());
  for (const { key, from, to } of changed) output.say(`  ${key}: ${to} instead of ${from ?? 'its default'}`);
  const { recorded, whatIf: other, firstDifference } = comparison;
  for (const { strategy, recorded, now } of code) {
    const today = now === null ? 'it cannot run now' : `now ${now.slice(0, 12)}`;
    output.say(`  The module of ${strategy} has changed: ${recorded.slice(0, 12)} traded, ${today}.`);
  }
  output.say(`  ${''.padEnd(14)} ${'as it was'.padStart(14)} ${'what if'.padStart(14)}`);
  for (const [name, of] of ROWS)
    output.say(`  ${name.padEnd(14)} ${of(recorded).padStart(14)} ${of(other).padStart(14)}`);
  for (const { what, events, why } of comparison.leftOut) output.say(`Not compared: ${what} (${events}): ${why}.`);
  if (firstDifference === null) {
    output.say('No difference: the replay equals the session, event by event.');
    return;
  }
  printFirst(output, firstDifference.recorded, firstDifference.whatIf);
  for (const [title, pairs] of listsOf(comparison)) printPairs(output, title, pairs);
}

const ROWS: readonly (readonly [string, (report: DayReport) => string])[] = [
  ['signals', (report) => String(report.signals)],
  ['orders', (report) => String(report.orders)],
  ['fills', (report) => String(report.fills)],
  ['trades', (report) => String(report.trades)],
  ['not traded', (report) => String(report.refusals.length)],
  ['gross P&L', (report) => report.grossPnl],
  ['fees', (report) => report.fees],
  ['net P&L', (report) => report.netPnl],
];

function listsOf(comparison: Comparison): readonly (readonly [string, readonly Pair[]])[] {
  const { signals, orders, trades, blocks, breaches } = comparison;
  return [
    ['Signals', signals],
    ['Orders', orders],
    ['Trades', trades],
    ['Refused', blocks],
    ['Limits reached', breaches],
  ];
}

function printPairs(output: Output, title: string, pairs: readonly Pair[]): void {
  if (pairs.length === 0) return;
  output.say(`${title} that differ: ${pairs.length}`);
  for (const { what, recorded, whatIf: other } of pairs.slice(0, MOST_SHOWN)) {
    output.say(`  ${what}`);
    output.say(`    as it was  ${recorded ?? '-'}`);
    output.say(`    what if    ${other ?? '-'}`);
  }
  if (pairs.length > MOST_SHOWN) output.say(`  and ${pairs.length - MOST_SHOWN} more; --json has all`);
}

/** For two events of the same type, prints only the fields that differ. */
function printFirst(output: Output, recorded: Happening | null, other: Happening | null): void {
  output.say('First event that differs');
  const same = recorded !== null && other !== null && recorded.type === other.type;
  output.say(`  as it was  ${shown(same ? { ...recorded, data: differing(recorded, other) } : recorded)}`);
  output.say(`  what if    ${shown(same ? { ...other, data: differing(other, recorded) } : other)}`);
}

function differing(one: Happening, other: Happening): object {
  const fields = Object.entries(other.data);
  const same = new Map(fields.map(([key, value]) => [key, canonicalJson(value)]));
  return Object.fromEntries(Object.entries(one.data).filter(([key, value]) => same.get(key) !== canonicalJson(value)));
}

function shown(happening: Happening | null): string {
  if (happening === null) return 'no further event';
  const { type, occurredAt, data } = happening;
  const text = canonicalJson(data);
  const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text;
  return `${occurredAt} ${type} ${cut}`;
}
