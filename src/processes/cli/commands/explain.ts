import type { Command } from 'commander';
import { openLedger } from '../../../adapters/ledger-reader/open-ledger.js';
import {
  explain,
  type ExplainedEvent,
  type ExplainedGroup,
  type Explanation,
  type Figure,
} from '../../../app/explain/explain.js';
import { ASKABLE, questionOf } from '../../../app/explain/question.js';
import { existingHome, withProvenJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import type { Output } from '../output.js';
import { runs } from '../runs.js';

/** Number of contributions of a figure that are printed; --json has all. */
const MOST_SHOWN = 20;

/** `tradebot explain`: from the market signal to the posting, and back (JRN-32). Exit 3 when a figure does not add up. */
export function registerExplain(program: Command, context: CliContext): void {
  const command = program
    .command('explain')
    .description('show the chain of events behind an id or a figure, from the market signal to the posting')
    .argument('<subject>', ASKABLE);
  runs(command, (flags: GlobalFlags, [subject]) => answer(context, flags, subject ?? ''));
}

async function answer(context: CliContext, flags: GlobalFlags, subject: string): Promise<ExitCode> {
  const question = questionOf(subject);
  const home = existingHome(context, flags);
  const explanation = await withProvenJournal(context, home, async (journal) => {
    const ledger = openLedger(home.paths.output.ledgerDb);
    try {
      return await explain({ journal, ledger }, question);
    } finally {
      ledger.close();
    }
  });
  const ok = explanation.figure?.agrees !== false;
  context.output.result({ ok, subject, ...explanation });
  print(context.output, subject, explanation);
  return ok ? 0 : 3;
}

function print(output: Output, subject: string, { figure, events, groups, summaries }: Explanation): void {
  if (figure === null) output.say(`Explain ${subject}`);
  else printFigure(output, figure);
  const byEvent = new Map<string, ExplainedGroup[]>();
  for (const group of groups) byEvent.set(group.eventId, [...(byEvent.get(group.eventId) ?? []), group]);
  for (const item of shortened(events)) {
    if (typeof item === 'number') {
      output.say(`${''.padEnd(34)}... ${item} more stop updates`);
      continue;
    }
    printEvent(output, item);
    for (const group of byEvent.get(item.eventId) ?? []) printGroup(output, group);
  }
  for (const summary of summaries) printEvent(output, summary);
}

function printFigure(output: Output, { name, value, contributions, agrees }: Figure): void {
  output.say(`${name}: ${value}${agrees ? '' : ', NOT CONFIRMED BY THE BOOKS'}`);
  const left = contributions.length - MOST_SHOWN;
  if (left > 0) output.say(`  ${left} earlier contributions; --json has all`);
  for (const { at, amount, total, description, subject } of contributions.slice(-MOST_SHOWN)) {
    output.say(`  ${at} ${amount.padStart(14)} ${total.padStart(14)}  ${description}  [${subject}]`);
  }
}

function printEvent(output: Output, { position, type, cause, occurredAt, words, asked }: ExplainedEvent): void {
  const from =
    cause === null ? '' : ` (from ${cause.position === null ? cause.eventId : shortPosition(cause.position)})`;
  const mark = asked ? '>' : ' ';
  output.say(`${mark} ${shortPosition(position).padStart(7)} ${occurredAt} ${type.padEnd(20)} ${words}${from}`);
}

function printGroup(output: Output, { fitid, trntype, legs }: ExplainedGroup): void {
  const indent = ''.padEnd(34);
  output.say(`${indent} posted ${trntype}, FITID ${fitid}`);
  for (const { line, account, name, debit, credit } of legs) {
    output.say(`${indent}   ${line}  ${account} ${name.padEnd(28)} ${debit.padStart(12)} ${credit.padStart(12)}`);
  }
}

/** Positions of the embedded journal are numbers with leading zeros, which are dropped. */
function shortPosition(position: string): string {
  return /^0*\d+$/.test(position) ? String(Number(position)) : position;
}

/** A stop moves often: each run of updates shows its first and last, with the count between them. */
function shortened(events: readonly ExplainedEvent[]): readonly (ExplainedEvent | number)[] {
  const isOne = events.filter(({ asked }) => asked).length === 1;
  const moves = (at: number): boolean => {
    const event = events[at];
    return event?.type === 'TrailingStopMoved' && !(isOne && event.asked);
  };
  const items: (ExplainedEvent | number)[] = [];
  let hidden = 0;
  for (const [at, event] of events.entries()) {
    if (moves(at - 1) && moves(at) && moves(at + 1)) {
      hidden += 1;
      continue;
    }
    if (hidden > 0) items.push(hidden);
    hidden = 0;
    items.push(event);
  }
  return items;
}
