import type { Command } from 'commander';
import { openLedger } from '../../../adapters/ledger-reader/open-ledger.js';
import { momentOfText, TIME_FORMS } from '../../../app/as-of/moment-text.js';
import { explain } from '../../../app/explain/explain.js';
import type { ExplainedEvent, ExplainedGroup, Explanation, Figure } from '../../../app/explain/explanation.js';
import { sourceText, STATUS_SOURCES, SUMMARY_SOURCES } from '../../../app/explain/figure-sources.js';
import { partsAt } from '../../../app/explain/past.js';
import { ASKABLE, questionOf } from '../../../app/explain/question.js';
import { existingHome, withProvenJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import type { Output } from '../output.js';
import { runs } from '../runs.js';

interface ExplainFlags extends GlobalFlags {
  readonly at?: string;
}

/** The subject that lists what explains each field. */
const FIELDS = 'fields';
/** Number of contributions of a figure that are printed; --json has all. */
const MOST_SHOWN = 20;

/** `tradebot explain`: from the market signal to the posting, and back (JRN-32). Exit 3 when a figure does not add up. */
export function registerExplain(program: Command, context: CliContext): void {
  const command = program
    .command('explain')
    .description('show the chain of events behind an id or a figure, from the market signal to the posting')
    .argument('<subject>', `${ASKABLE}; or fields: what explains each field of status and summary`)
    .option('--at <moment>', `as of a journal position, or a recording time, inclusive (its end): ${TIME_FORMS}`);
  runs(command, (flags: ExplainFlags, [subject]) => answer(context, flags, subject ?? ''));
}

async function answer(context: CliContext, flags: ExplainFlags, subject: string): Promise<ExitCode> {
  if (subject === FIELDS) return showFields(context.output);
  const question = questionOf(subject);
  const moment = flags.at === undefined ? undefined : momentOfText(flags.at);
  const home = existingHome(context, flags);
  const explanation = await withProvenJournal(context, home, async (journal) => {
    const ledger = openLedger(home.paths.output.ledgerDb);
    try {
      const now = { journal, ledger };
      return await explain(moment === undefined ? now : await partsAt(now, moment), question);
    } finally {
      ledger.close();
    }
  });
  const ok = explanation.figure?.agrees !== false;
  context.output.result({ ok, subject, ...explanation });
  print(context.output, subject, explanation);
  return ok ? 0 : 3;
}

/** Where each field of the status and of the daily summary comes from: D is the session, S a symbol, X a strategy, K a setting. */
function showFields(output: Output): ExitCode {
  const tables = { status: STATUS_SOURCES, summary: SUMMARY_SOURCES };
  const texts = Object.entries(tables).map(([file, sources]) => {
    const fields = Object.entries(sources).map(([field, source]) => [field, sourceText(source)] as const);
    return [file, fields] as const;
  });
  output.result({
    ok: true,
    fields: Object.fromEntries(texts.map(([file, fields]) => [file, Object.fromEntries(fields)])),
  });
  for (const [file, fields] of texts) {
    output.say(`${file}: D is the session, S a symbol, X a strategy, K a setting`);
    for (const [field, text] of fields) output.say(`  ${field.padEnd(34)} ${text}`);
  }
  return 0;
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

function printFigure(output: Output, { name, value, formula, contributions, agrees }: Figure): void {
  output.say(`${name}: ${value}${agrees === false ? ', NOT CONFIRMED BY THE BOOKS' : ''}`);
  output.say(`  ${formula}`);
  const left = contributions.length - MOST_SHOWN;
  if (left > 0) output.say(`  ${left} earlier contributions; --json has all`);
  for (const { at, amount, total, description, subject } of contributions.slice(-MOST_SHOWN)) {
    output.say(`  ${at.padEnd(24)} ${amount.padStart(14)} ${total.padStart(14)}  ${description}  [${subject}]`);
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
