import { Argument, Option, type Command } from 'commander';
import { TIME_FORMS } from '../../../app/as-of/moment-text.js';
import {
  readResolution,
  resolveMismatch,
  type MismatchRequest,
  type MismatchResolved,
} from '../../../app/manual-entries/mismatch-resolution.js';
import { mismatchViews, readComparison } from '../../../app/manual-entries/open-mismatches.js';
import { TAKES, type Take } from '../../../trading/reconciliation/resolve-mismatch.js';
import {
  existingHome,
  withProvenJournal,
  withRuntime,
  type CliContext,
  type ExitCode,
  type GlobalFlags,
} from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { takesRequestId, withRequestId } from '../request-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';

interface ResolveFlags extends GlobalFlags {
  readonly take: Take;
  readonly price?: string;
  readonly against?: string;
  readonly entry?: string;
  readonly until?: string;
  readonly reason?: string;
  readonly request?: string;
}

/** `tradebot mismatch list|resolve`: differences between books and broker, and what a person decides about them (ACC-62). */
export function registerMismatch(program: Command, context: CliContext): void {
  const command = program.command('mismatch').description('differences between the books and the broker');
  runs(command.command('list').description('list the open differences'), (flags: GlobalFlags) => list(context, flags));
  const resolve = command
    .command('resolve')
    .description('resolve a difference: the next comparison proves it')
    .addArgument(new Argument('<id>', 'the difference, such as BM-1'))
    .addOption(
      new Option(
        '--take <side>',
        'broker: book an entry so that the books equal the broker; books: the broker will follow; entry: explained by --entry; split: the shares were split',
      )
        .choices(TAKES)
        .makeOptionMandatory(),
    )
    .option('--price <dollars>', 'with broker: dollars per share; the price at the broker when left out')
    .option(
      '--against <account>',
      'with broker: cash when the shares were paid, or an account; the opening balance when left out',
    )
    .option('--entry <id>', 'with entry: the adjusting entry or the imported activity that explains it')
    .option(
      '--until <time>',
      `with books: when the broker must have followed: ${TIME_FORMS}; a day from now when left out`,
    )
    .option('--reason <text>', 'reason (required)');
  runs(takesRequestId(resolve), (flags: ResolveFlags, [id]) => resolveOne(context, flags, id ?? ''));
}

async function list(context: CliContext, flags: GlobalFlags): Promise<ExitCode> {
  const home = existingHome(context, flags);
  const state = await withProvenJournal(context, home, (journal) => readComparison(journal));
  const mismatches = mismatchViews(state);
  const { knownAt, unknownSince } = state;
  context.output.result({ ok: true, comparedAt: knownAt, unknownSince, mismatches });
  for (const { mismatchId, text, foundAt } of mismatches) context.output.say(`${mismatchId} since ${foundAt}: ${text}`);
  if (mismatches.length === 0) context.output.say('no open difference between books and broker');
  context.output.say(`last compared: ${knownAt ?? 'never'}`);
  if (unknownSince !== null) context.output.say(`could not be compared since ${unknownSince}`);
  return 0;
}

async function resolveOne(context: CliContext, flags: ResolveFlags, mismatchId: string): Promise<ExitCode> {
  const reason = reasonOf(flags.reason);
  const { take, price = null, against = null, entry: entryId = null, until = null } = flags;
  const done = await withRequestId(flags.request, (requestId) => {
    const request = { mismatchId, take, price, against, entryId, until, reason, requestId };
    readResolution(request);
    return operate(context, flags, {
      request: { ask: 'mismatch', request },
      here: () => resolveHere(context, flags, request),
    });
  });
  context.output.result({ ok: true, ...done });
  const how =
    done.expiresAt === null
      ? done.entryId === null
        ? ''
        : ` by ${done.entryId}`
      : `; it comes back after ${done.expiresAt} unless the broker has followed`;
  context.output.say(`${mismatchId} is resolved${done.repeated ? ' since an earlier call' : ''}${how}`);
  return 0;
}

function resolveHere(context: CliContext, flags: ResolveFlags, request: MismatchRequest): Promise<MismatchResolved> {
  return withRuntime(context, flags, 'mismatch', async (runtime) => {
    const done = await resolveMismatch({ ...runtime, now: context.clock }, request, LOCAL_USER);
    await runtime.projector.catchUp();
    return done;
  });
}
