import type { Command } from 'commander';
import {
  decideConfirmation,
  waitingEntries,
  type ConfirmationMade,
  type ConfirmationRequest,
} from '../../../app/manual-entries/entry-confirmation.js';
import type { ConfirmationTake } from '../../../trading/entries/confirmation.js';
import {
  existingHome,
  withProvenJournal,
  withRuntime,
  type CliContext,
  type ExitCode,
  type GlobalFlags,
} from '../context.js';
import { LOCAL_USER } from '../reason-option.js';
import { takesRequestId, withRequestId } from '../request-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';

interface DecideFlags extends GlobalFlags {
  readonly reason?: string;
  readonly request?: string;
}

/** `tradebot confirmations list|confirm|refuse`: entries that wait for a person (TRD-53). */
export function registerConfirmations(program: Command, context: CliContext): void {
  const command = program.command('confirmations').description('entries that wait for a confirmation');
  runs(command.command('list').description('list the entries that wait'), (flags: GlobalFlags) => list(context, flags));
  decides(command, context, {
    word: 'confirm',
    take: 'confirmed',
    does: 'let an entry be sent, when every check passes again',
  });
  decides(command, context, { word: 'refuse', take: 'refused', does: 'leave an entry out' });
}

interface Decision {
  readonly word: string;
  readonly take: ConfirmationTake;
  readonly does: string;
}

function decides(command: Command, context: CliContext, { word, take, does }: Decision): void {
  const made = command
    .command(word)
    .description(does)
    .argument('<signal>', 'the signal, such as 2026-11-30/open/AIG')
    .option('--reason <text>', 'reason; kept in the journal');
  runs(takesRequestId(made), (flags: DecideFlags, [signalId]) =>
    decide(context, flags, { signalId: signalId ?? '', take }),
  );
}

async function list(context: CliContext, flags: GlobalFlags): Promise<ExitCode> {
  const home = existingHome(context, flags);
  const waiting = await withProvenJournal(context, home, (journal) => waitingEntries(journal));
  context.output.result({ ok: true, waiting });
  for (const { signalId, side, quantity, symbol, price, cost, expiresAt } of waiting) {
    context.output.say(`${signalId}: ${side} ${quantity} ${symbol} at ${price}, ${cost} in all, until ${expiresAt}`);
  }
  if (waiting.length === 0) context.output.say('no entry waits for a confirmation');
  return 0;
}

async function decide(
  context: CliContext,
  flags: DecideFlags,
  { signalId, take }: Pick<ConfirmationRequest, 'signalId' | 'take'>,
): Promise<ExitCode> {
  const { reason = `${take} by command` } = flags;
  const done = await withRequestId(flags.request, (requestId) => {
    const request = { signalId, take, reason, requestId };
    return operate(context, flags, {
      request: { ask: 'confirm-entry', request },
      here: () => decideHere(context, flags, request),
    });
  });
  context.output.result({ ok: true, ...done });
  const next = take === 'confirmed' ? '; it is judged again with the next minute' : '';
  context.output.say(`${signalId} is ${take}${done.repeated ? ' since an earlier call' : ''}${next}`);
  return 0;
}

function decideHere(context: CliContext, flags: DecideFlags, request: ConfirmationRequest): Promise<ConfirmationMade> {
  return withRuntime(context, flags, 'confirmations', async (runtime) => {
    const done = await decideConfirmation({ ...runtime, now: context.clock }, request, LOCAL_USER);
    await runtime.projector.catchUp();
    return done;
  });
}
