import type { Command } from 'commander';
import { changeInverseEtfs, readInverseEtfs, type InverseEtfsRequest } from '../../../app/settings/inverse-etfs.js';
import { EventAppender } from '../../../app/journal/event-appender.js';
import { configError } from '../../../kernel/errors.js';
import { assignmentsOf } from '../assignments.js';
import {
  existingHome,
  withProvenJournal,
  withRuntime,
  type CliContext,
  type ExitCode,
  type GlobalFlags,
} from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';

interface ListFlags extends GlobalFlags {
  readonly reason?: string;
}

/** `tradebot inverse-etfs list|set|remove`: which ETF is bought on a bearish signal of a symbol (TRD-23). */
export function registerInverseEtfs(program: Command, context: CliContext): void {
  const command = program.command('inverse-etfs').description('the list of inverse ETFs for SHORT_TYPE InverseETF');
  runs(command.command('list').description('show the list in force'), (flags: GlobalFlags) => list(context, flags));
  const set = command.command('set').description('add entries or change them').argument('<entries...>', 'SYMBOL=ETF');
  runs(set.option('--reason <text>', 'reason (required)'), (flags: ListFlags, items) =>
    change(context, flags, (entries) => ({ ...entries, ...assignmentsOf(items, '') })),
  );
  const remove = command
    .command('remove')
    .description('take entries out of the list')
    .argument('<symbols...>', 'symbols');
  runs(remove.option('--reason <text>', 'reason (required)'), (flags: ListFlags, items) =>
    change(context, flags, (entries) => without(entries, items)),
  );
}

type Entries = Readonly<Record<string, string>>;

function without(entries: Entries, symbols: readonly string[]): Entries {
  const unknown = symbols.filter((symbol) => !Object.hasOwn(entries, symbol));
  if (unknown.length === 0)
    return Object.fromEntries(Object.entries(entries).filter(([key]) => !symbols.includes(key)));
  throw configError({
    code: 'INVERSE_ETFS_INVALID',
    message: `the list has no entry of ${unknown.join(', ')}`,
    remedy: 'See it with tradebot inverse-etfs list. Nothing was changed.',
  });
}

async function list(context: CliContext, flags: GlobalFlags): Promise<ExitCode> {
  const now = await withProvenJournal(context, existingHome(context, flags), (journal) => readInverseEtfs(journal));
  context.output.result({ ok: true, ...now });
  for (const [symbol, etf] of Object.entries(now.entries)) context.output.say(`${symbol} -> ${etf}`);
  context.output.say(
    now.version === 0
      ? 'no list yet: tradebot inverse-etfs set SYMBOL=ETF --reason TEXT'
      : `version ${now.version}, by ${now.by ?? ''} at ${now.changedAt ?? ''}: ${now.reason ?? ''}`,
  );
  return 0;
}

async function change(context: CliContext, flags: ListFlags, next: (entries: Entries) => Entries): Promise<ExitCode> {
  const reason = reasonOf(flags.reason);
  const home = existingHome(context, flags);
  const { version, entries } = await withProvenJournal(context, home, (journal) => readInverseEtfs(journal));
  const request = { version: String(version), entries: next(entries), reason };
  const done = await operate(context, flags, {
    request: { ask: 'inverse-etfs', request },
    here: () => changeHere(context, flags, request),
  });
  context.output.result({ ok: true, ...done });
  context.output.say(done.version === version ? 'nothing to change' : `the list has version ${done.version} now`);
  return 0;
}

function changeHere(
  context: CliContext,
  flags: GlobalFlags,
  request: InverseEtfsRequest,
): ReturnType<typeof changeInverseEtfs> {
  return withRuntime(context, flags, 'inverse-etfs', ({ journal, clock, identity }) =>
    changeInverseEtfs(new EventAppender({ journal, clock, identity, actor: LOCAL_USER }), request, LOCAL_USER),
  );
}
