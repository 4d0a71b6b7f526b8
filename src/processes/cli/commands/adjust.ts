import { Option, type Command } from 'commander';
import { TIME_FORMS } from '../../../app/as-of/moment-text.js';
import {
  bookAdjustingEntry,
  readAdjustment,
  type AdjustmentMade,
  type AdjustRequest,
} from '../../../app/manual-entries/adjusting-entry.js';
import { refusedEventId } from '../../../domain/accounting/refused-event-id.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { takesRequestId, withRequestId } from '../request-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';

interface AdjustFlags extends GlobalFlags {
  readonly settles?: string;
  readonly symbol?: string;
  readonly side?: 'buy' | 'sell';
  readonly quantity?: string;
  readonly price?: string;
  readonly cash?: string;
  readonly account?: string;
  readonly at?: string;
  readonly reason?: string;
  readonly request?: string;
}

/** `tradebot adjust`: books an adjusting entry, for a report of the broker that was refused or for a difference (ACC-62). */
export function registerAdjust(program: Command, context: CliContext): void {
  const command = program
    .command('adjust')
    .description('book an adjusting entry, for a refused report of the broker or a difference')
    .option('--settles <id>', 'the refused report or event, such as RF-0a1b2c3d-4e5f or RE-0000000000000123')
    .option('--symbol <symbol>', 'shares of this symbol move')
    .addOption(new Option('--side <side>', 'shares come in (buy) or go out (sell)').choices(['buy', 'sell']))
    .option('--quantity <shares>', 'number of shares')
    .option('--price <dollars>', 'dollars per share')
    .option('--cash <dollars>', 'further cash at the broker, such as -0.35; below zero was paid')
    .option('--account <code>', 'the other account of that cash')
    .option('--at <time>', `time that the entry is for: ${TIME_FORMS}; now when left out`)
    .option('--reason <text>', 'reason (required)');
  runs(takesRequestId(command), (flags: AdjustFlags) => adjust(context, flags));
}

async function adjust(context: CliContext, flags: AdjustFlags): Promise<ExitCode> {
  const reason = reasonOf(flags.reason);
  const { settles = null, symbol = null, side = null, quantity = null, price = null } = flags;
  const { cash = null, account = null, at = null } = flags;
  const booked = await withRequestId(flags.request, (requestId) => {
    const request = { settles, symbol, side, quantity, price, cash, account, at, reason, requestId };
    readAdjustment(request);
    return operate(context, flags, {
      request: { ask: 'adjust', request },
      here: () => bookHere(context, flags, request),
    });
  });
  const { adjustmentId, repeated } = booked;
  context.output.result({ ok: true, ...booked });
  const settled = settles === null ? '' : `; ${settles} is settled`;
  context.output.say(`${adjustmentId} is booked${repeated ? ' since an earlier call' : ''}${settled}`);
  return 0;
}

function bookHere(context: CliContext, flags: AdjustFlags, request: AdjustRequest): Promise<AdjustmentMade> {
  return withRuntime(context, flags, 'adjust', async (runtime) => {
    const { projector } = runtime;
    const leftOut = async (): Promise<readonly string[]> =>
      (await projector.states()).flatMap(({ refusals }) => refusals.first.map((one) => refusedEventId(one.position)));
    // an entry is for the present time, also when nothing has run since the last event
    const booked = await bookAdjustingEntry({ ...runtime, leftOut, now: context.clock }, request, LOCAL_USER);
    await projector.catchUp();
    return booked;
  });
}
