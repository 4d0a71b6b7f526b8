import { Argument, type Command } from 'commander';
import { VirtualClock } from '../../../adapters/clock/virtual-clock.js';
import type { OpenedHome } from '../../../adapters/home/home.js';
import { lockHome } from '../../../adapters/home/home-lock.js';
import { EventAppender } from '../../../app/journal/event-appender.js';
import {
  acknowledgeForeign,
  restoreSettings,
  sharedStreams,
  type StreamDecision,
} from '../../../app/streams/acknowledge.js';
import { openJournalOf } from '../../../composition/open-home-journal.js';
import { epochMs, parseUtcText } from '../../../kernel/time.js';
import { secret } from '../../../kernel/secret.js';
import type { Journal, StreamFindingKind } from '../../../ports/journal.js';
import { existingHome, journalOf, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { readPassword } from '../read-password.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';

interface DecideFlags extends GlobalFlags {
  readonly reason?: string;
  readonly yes?: boolean;
  readonly user?: string;
}

/** Findings that need nobody. */
const SETTLED: readonly StreamFindingKind[] = ['acknowledged', 'protected'];

/** `tradebot journal streams|undo|acknowledge`: what others did to the streams of a journal on a server, and what a person decides. */
export function addStreamCommands(command: Command, context: CliContext): void {
  runs(
    command.command('streams').description('show what others did to the streams of this bot on the server'),
    (flags: GlobalFlags) => list(context, flags),
  );
  const undo = command
    .command('undo')
    .description(
      'show the hidden events of a stream again: write its settings without what hides them or takes our rights',
    )
    .addArgument(new Argument('<stream>', 'the stream, as tradebot journal streams names it'))
    .option(
      '--user <name>',
      'an administrator of the server; the password is asked for, or the first line of the input',
    )
    .option('--yes', 'write without asking; required where no terminal is')
    .option('--reason <text>', 'reason (required)');
  runs(undo, (flags: DecideFlags, [stream]) => undoCut(context, flags, stream ?? ''));
  const acknowledge = command
    .command('acknowledge')
    .description(
      'acknowledge events of another program at the end of a stream of this bot, so that it is written again',
    )
    .addArgument(new Argument('<stream>', 'the stream, as tradebot journal streams names it'))
    .option('--reason <text>', 'reason (required); it is kept in the journal');
  runs(acknowledge, (flags: DecideFlags, [stream]) => acknowledgeStream(context, flags, stream ?? ''));
}

async function list(context: CliContext, flags: GlobalFlags): Promise<ExitCode> {
  const home = existingHome(context, flags);
  const findings = await onJournal(context, home, undefined, ({ journal }) => sharedStreams(journal).look());
  const ok = findings.every(({ kind }) => SETTLED.includes(kind));
  context.output.result({ ok, findings });
  for (const { kind, message, remedy } of findings) context.output.say(`${kind.toUpperCase()}: ${message}. ${remedy}`);
  if (findings.length === 0) context.output.say('nobody else wrote to the streams of this bot or changed them');
  return ok ? 0 : 3;
}

async function undoCut(context: CliContext, flags: DecideFlags, stream: string): Promise<ExitCode> {
  const { output, ask } = context;
  const reason = reasonOf(flags.reason);
  const home = existingHome(context, flags);
  const question = `Write the settings of stream ${stream} on the server again, without what hides its events?`;
  if (flags.yes !== true && (await ask?.(question)) !== true) {
    output.result({ ok: false, stream });
    output.note('Nothing was written. Add --yes to write without a question.');
    return 1;
  }
  const undone = await onJournal(context, home, flags.user, (parts) =>
    restoreSettings(parts, { stream, reason }, LOCAL_USER),
  );
  output.result({ ok: true, stream, undone: undone?.message ?? null });
  output.say(
    undone === undefined
      ? `nothing hides events of stream ${stream} or takes our rights`
      : `stream ${stream} shows all its events again; before: ${undone.message}`,
  );
  return 0;
}

async function acknowledgeStream(context: CliContext, flags: DecideFlags, stream: string): Promise<ExitCode> {
  const reason = reasonOf(flags.reason);
  const request = { stream, reason };
  const effect = await operate(context, flags, {
    request: { ask: 'acknowledge-stream', request },
    here: () => acknowledgeHere(context, flags, request),
  });
  context.output.result({ ok: true, stream, effect });
  context.output.say(effect);
  return 0;
}

/** In a free home: a bot that starts meanwhile would follow another clock. */
async function acknowledgeHere(context: CliContext, flags: GlobalFlags, request: StreamDecision): Promise<string> {
  const home = existingHome(context, flags);
  const { environment, clock } = context;
  const lock = lockHome({ paths: home.paths, command: 'journal acknowledge', pid: environment.pid, clock });
  try {
    const { message } = await onJournal(context, home, undefined, (parts) =>
      acknowledgeForeign(parts, request, LOCAL_USER),
    );
    return `Acknowledged: ${message}.`;
  } finally {
    lock.release();
  }
}

interface Parts {
  readonly journal: Journal;
  readonly appender: EventAppender;
}

/** On the journal as it is, damaged or not, and at the time of its last event: a decision does not move its clock. */
async function onJournal<T>(
  context: CliContext,
  home: OpenedHome,
  user: string | undefined,
  work: (parts: Parts) => Promise<T>,
): Promise<T> {
  const clock = new VirtualClock(epochMs(0));
  const { paths, identity, address } = journalOf(context, home);
  const credentials =
    user === undefined ? address.credentials : { user, password: secret(await readPassword('Password')) };
  const as = { url: address.url, ...(credentials === undefined ? {} : { credentials }) };
  const journal = await openJournalOf({ paths, identity, address: as, clock });
  try {
    const [last] = await journal.readAll({ direction: 'backwards', limit: 1 });
    clock.advanceTo(last === undefined ? context.clock.now() : parseUtcText(last.recordedAt));
    return await work({ journal, appender: new EventAppender({ journal, clock, identity, actor: LOCAL_USER }) });
  } finally {
    await journal.close();
  }
}
