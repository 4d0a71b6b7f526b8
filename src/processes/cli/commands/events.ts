import type { Command } from 'commander';
import { concatMap, from, lastValueFrom, takeUntil, takeWhile } from 'rxjs';
import { timeOfText, TIME_FORMS } from '../../../app/as-of/moment-text.js';
import {
  isEventType,
  parseStreamName,
  type EventType,
  type Position,
  type RecordedEvent,
} from '../../../events/event.js';
import { EVENT_CONTEXTS } from '../../../events/generated/catalog.js';
import { canonicalJson } from '../../../kernel/canonical-json.js';
import { configError } from '../../../kernel/errors.js';
import type { EventFilter, Journal } from '../../../ports/journal.js';
import { existingHome, withJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { runs } from '../runs.js';

interface EventsFlags extends GlobalFlags {
  readonly type?: readonly string[];
  readonly stream?: string;
  readonly from?: string;
  readonly to?: string;
  readonly correlation?: string;
  readonly limit?: string;
  readonly follow?: boolean;
}

interface Selection {
  readonly filter: EventFilter;
  readonly wants: (event: RecordedEvent) => boolean;
  readonly limit: number;
}

const PAGE = 1_000;

/** `tradebot events`: the journal as NDJSON, one event per line in global order (JRN-34). */
export function registerEvents(program: Command, context: CliContext): void {
  const command = program
    .command('events')
    .description('print events of the journal as NDJSON, one per line')
    .option('--type <types...>', 'event types, such as OrderFilled')
    .option('--stream <name>', 'stream; a trailing * matches any ending')
    .option('--from <time>', `first time of occurrence, inclusive: ${TIME_FORMS}`)
    .option('--to <time>', 'last time of occurrence, inclusive, in the same forms')
    .option('--correlation <id>', 'correlation id')
    .option('--limit <count>', 'maximum number of events')
    .option('--follow', 'keep printing new events until interrupted');
  runs(command, (flags: EventsFlags) => events(context, flags));
}

async function events(context: CliContext, flags: EventsFlags): Promise<ExitCode> {
  const selection = selectionOf(flags);
  const home = existingHome(context, flags);
  await withJournal(context, home, (journal) =>
    flags.follow === true ? follow(context, journal, selection) : printAll(context, journal, selection),
  );
  return 0;
}

/** Reads pages up to the head at the start: the last page is short. */
async function printAll(context: CliContext, journal: Journal, selection: Selection): Promise<void> {
  let left = selection.limit;
  let after: Position | undefined;
  while (left > 0 && !context.output.closed) {
    const page = await journal.readAll({
      limit: PAGE,
      filter: selection.filter,
      ...(after === undefined ? {} : { after }),
    });
    const wanted = page.filter(selection.wants).slice(0, left);
    left -= wanted.length;
    if (wanted.length > 0) await context.output.stream(wanted.map(line).join(''));
    after = page.at(-1)?.position;
    if (page.length < PAGE) return;
  }
}

async function follow(context: CliContext, journal: Journal, selection: Selection): Promise<void> {
  const { output } = context;
  let left = selection.limit;
  const printed = journal.subscribe({ filter: selection.filter }).pipe(
    takeUntil(from(context.interrupted)),
    concatMap(async (event) => {
      if (left <= 0 || output.closed || !selection.wants(event)) return;
      left -= 1;
      await output.stream(line(event));
    }),
    takeWhile(() => left > 0 && !output.closed),
  );
  await lastValueFrom(printed, { defaultValue: undefined });
}

function line(event: RecordedEvent): string {
  return `${canonicalJson(event)}\n`;
}

function selectionOf(flags: EventsFlags): Selection {
  const types = flags.type?.flatMap((text) => text.split(',')).map(typeOf);
  const stream = streamOf(flags.stream);
  const first = flags.from === undefined ? undefined : timeOfText(flags.from, 'first');
  const last = flags.to === undefined ? undefined : timeOfText(flags.to, 'last');
  return {
    filter: {
      ...(types === undefined ? {} : { types }),
      ...(stream === undefined ? {} : { streamPrefix: stream.text }),
    },
    wants: (event) =>
      (stream === undefined || stream.prefix || event.stream === stream.text) &&
      (first === undefined || event.occurredAt >= first) &&
      (last === undefined || event.occurredAt <= last) &&
      (flags.correlation === undefined || event.meta.correlationId === flags.correlation),
    limit: limitOf(flags.limit),
  };
}

function typeOf(text: string): EventType {
  if (isEventType(text)) return text;
  throw configError({
    code: 'UNKNOWN_EVENT_TYPE',
    message: `"${text.slice(0, 60)}" is not an event type`,
    remedy: `The types are ${Object.values(EVENT_CONTEXTS).flat().sort().join(', ')}.`,
  });
}

function streamOf(text: string | undefined): { readonly text: string; readonly prefix: boolean } | undefined {
  if (text === undefined) return undefined;
  return text.endsWith('*')
    ? { text: text.slice(0, -1), prefix: true }
    : { text: parseStreamName(text), prefix: false };
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw configError({
    code: 'BAD_LIMIT',
    message: `--limit "${text.slice(0, 30)}" is not a count`,
    remedy: 'Give a whole number from 1.',
  });
}
