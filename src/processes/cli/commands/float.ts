import { Argument, type Command } from 'commander';
import { LARGEST_FLOAT } from '../../../events/acceptance.js';
import { STREAMS } from '../../../events/streams.js';
import { Decimal } from '../../../kernel/decimal.js';
import { configError, type TradeBotError } from '../../../kernel/errors.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { runs } from '../runs.js';

interface FloatFlags extends GlobalFlags {
  readonly reason?: string;
}

type Direction = 'inject' | 'return';

/**
 * `tradebot float inject|return <dollars>`: acknowledges a transfer to or from the bot (ACC-30). The bot moves no money:
 * the cash is booked once the broker reports it, before the next session.
 */
export function registerFloat(program: Command, context: CliContext): void {
  const command = program
    .command('float')
    .description('acknowledge a transfer of capital to or from the bot')
    .addArgument(
      new Argument('<direction>', 'to the bot (inject) or back to the owner (return)').choices(['inject', 'return']),
    )
    .argument('<dollars>', 'amount, such as 5000.00')
    .option('--reason <text>', 'reason (required)');
  runs(command, (flags: FloatFlags, [direction, dollars]) =>
    adjust(context, flags, { direction: direction as Direction, amount: amountOf(dollars ?? '') }),
  );
}

function amountOf(text: string): Decimal {
  const amount = Decimal.parse(text);
  if (amount.gt(LARGEST_FLOAT)) throw tooLarge(`${text} is more than a float can be`);
  if (amount.sign() > 0 && amount.rounded(2, 'down').equals(amount)) return amount.rounded(2, 'down');
  throw configError({
    code: 'BAD_AMOUNT',
    message: `${text} is not an amount of dollars above zero`,
    remedy: 'Give dollars with at most two decimals, such as 5000.00.',
  });
}

function tooLarge(message: string): TradeBotError {
  return configError({
    code: 'AMOUNT_TOO_LARGE',
    message,
    remedy: `Check the amount: a float is at most ${LARGEST_FLOAT.text()} dollars. Nothing was recorded.`,
  });
}

async function adjust(
  context: CliContext,
  flags: FloatFlags,
  asked: { readonly direction: Direction; readonly amount: Decimal },
): Promise<ExitCode> {
  const reason = reasonOf(flags.reason);
  const { direction, amount } = asked;
  return withRuntime<ExitCode>(context, flags, 'float', async (runtime) => {
    const { state, appender, projector } = runtime;
    if (direction === 'return' && amount.gt(state.float)) {
      throw configError({
        code: 'FLOAT_TOO_SMALL',
        message: `${amount.text()} cannot be returned: the float is ${state.float.rounded(2, 'down').text()}`,
        remedy: 'Return at most the float.',
      });
    }
    if (direction === 'inject' && amount.plus(state.float).gt(LARGEST_FLOAT)) {
      throw tooLarge(`${amount.text()} cannot be injected: the float would be ${amount.plus(state.float).text()}`);
    }
    const adjustmentId = `FA-${(state.revisionOf(STREAMS.float) ?? -1) + 2}`;
    await appender.appendIfUnchanged(
      STREAMS.float,
      [
        {
          type: 'FloatAdjusted',
          data: { adjustmentId, amount: amount.text(), direction, source: 'acknowledged-transfer', reason },
          correlationId: adjustmentId,
          causationId: null,
        },
      ],
      LOCAL_USER,
    );
    await projector.catchUp();
    const float = state.float.rounded(2, 'down').text();
    context.output.result({ ok: true, adjustmentId, direction, amount: amount.text(), float });
    context.output.say(`${adjustmentId}: float is now ${float}; the cash is booked once the broker reports it`);
    return 0;
  });
}
