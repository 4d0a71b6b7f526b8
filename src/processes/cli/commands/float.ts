import { Argument, type Command } from 'commander';
import {
  bookFloat,
  FLOAT_DIRECTIONS,
  parseFloatAmount,
  type FloatBooked,
  type FloatDirection,
  type FloatRequest,
} from '../../../app/manual-entries/float-entry.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { takesRequestId, withRequestId } from '../request-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';

interface FloatFlags extends GlobalFlags {
  readonly reason?: string;
  readonly request?: string;
}

/**
 * `tradebot float inject|return <dollars>`: acknowledges a transfer to or from the bot (ACC-30). The bot moves no money:
 * the cash is booked once the broker reports it, before the next session.
 */
export function registerFloat(program: Command, context: CliContext): void {
  const command = program
    .command('float')
    .description('acknowledge a transfer of capital to or from the bot, whether it runs or not')
    .addArgument(
      new Argument('<direction>', 'to the bot (inject) or back to the owner (return)').choices(FLOAT_DIRECTIONS),
    )
    .argument('<dollars>', 'amount, such as 5000.00')
    .option('--reason <text>', 'reason (required)');
  runs(takesRequestId(command), (flags: FloatFlags, [direction, dollars]) =>
    changeFloat(context, flags, direction as FloatDirection, dollars ?? ''),
  );
}

async function changeFloat(
  context: CliContext,
  flags: FloatFlags,
  direction: FloatDirection,
  dollars: string,
): Promise<ExitCode> {
  const amount = parseFloatAmount(dollars).text();
  const reason = reasonOf(flags.reason);
  const booked = await withRequestId(flags.request, (requestId) => {
    const request = { direction, amount, reason, requestId };
    return operate(context, flags, {
      request: { ask: 'float', request },
      here: () => bookHere(context, flags, request),
    });
  });
  const { output } = context;
  output.result({ ok: true, ...booked });
  const before = booked.repeated ? ', booked before' : '';
  output.say(
    `${booked.adjustmentId}${before}: float is now ${booked.float}; the cash is booked once the broker reports it`,
  );
  if (booked.countsFrom === 'next session') output.say(OPEN_SESSION[direction]);
  return 0;
}

const OPEN_SESSION: Readonly<Record<FloatDirection, string>> = {
  inject: '  a session is open: it keeps the float of its start; the injection counts from the next session',
  return:
    '  a session is open: its daily loss limit keeps the float of its start; entries use no money that was returned',
};

function bookHere(context: CliContext, flags: FloatFlags, request: FloatRequest): Promise<FloatBooked> {
  return withRuntime(context, flags, 'float', async (runtime) => {
    const booked = await bookFloat(runtime, request, LOCAL_USER);
    await runtime.projector.catchUp();
    return booked;
  });
}
