import { Option, type Command } from 'commander';
import { timeOfText, TIME_FORMS } from '../../../app/as-of/moment-text.js';
import { adjustmentFault } from '../../../domain/accounting/adjustment.js';
import { refusedEventId } from '../../../domain/accounting/refused-event-id.js';
import type { EventData } from '../../../events/event.js';
import { parseClientOrderId, parseSymbol } from '../../../events/names.js';
import { STREAMS } from '../../../events/streams.js';
import { Decimal } from '../../../kernel/decimal.js';
import { configError } from '../../../kernel/errors.js';
import { moneyText } from '../../../kernel/money.js';
import { toUtcText } from '../../../kernel/time.js';
import { postingPreflight } from '../../../trading/orders/posting-preflight.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
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
}

type Adjustment = EventData<'AdjustmentBooked'>;

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
  runs(command, (flags: AdjustFlags) => adjust(context, flags));
}

function sharesOf({ symbol, side, quantity, price }: AdjustFlags): Adjustment['shares'] {
  if ([symbol, side, quantity, price].every((flag) => flag === undefined)) return null;
  if (symbol === undefined || side === undefined || quantity === undefined || price === undefined) {
    throw configError({
      code: 'BAD_ADJUSTMENT',
      message: 'shares need a symbol, a side, a quantity and a price',
      remedy: 'Give --symbol, --side, --quantity and --price, or none of them.',
    });
  }
  return {
    symbol: parseSymbol(symbol),
    side,
    quantity: Decimal.parse(quantity).shortText(),
    price: Decimal.parse(price).shortText(2),
  };
}

async function adjust(context: CliContext, flags: AdjustFlags): Promise<ExitCode> {
  const reason = reasonOf(flags.reason);
  const shares = sharesOf(flags);
  const cash = moneyText(Decimal.parse(flags.cash ?? '0'));
  const { settles = null, account = null } = flags;
  return withRuntime<ExitCode>(context, flags, 'adjust', async ({ state, appender, projector }) => {
    const refusedEvents = async (): Promise<readonly string[]> => [
      ...state.refusedEvents.map(({ event }) => refusedEventId(event.position)),
      ...(await projector.states()).flatMap(({ refusals }) =>
        refusals.first.map((one) => refusedEventId(one.position)),
      ),
    ];
    if (settles !== null && !state.refusedFacts.has(settles) && !(await refusedEvents()).includes(settles)) {
      throw configError({
        code: 'REFUSED_FACT_UNKNOWN',
        message: `${settles} is no refused report and no refused event of this home`,
        remedy: 'List them with: tradebot status, or tradebot events --type BrokerFactRefused',
      });
    }
    if (settles !== null && state.settledFacts.has(settles)) {
      throw configError({
        code: 'REFUSED_FACT_SETTLED',
        message: `${settles} is settled already`,
        remedy: 'Leave --settles out to book another entry. Nothing was recorded.',
      });
    }
    const bookedFor = flags.at === undefined ? toUtcText(context.clock.now()) : timeOfText(flags.at, 'first');
    const number = (state.revisionOf(STREAMS.accounting) ?? -1) + 2;
    const adjustmentId = parseClientOrderId(`AE-${number}`);
    const data: Adjustment = { adjustmentId, settles, bookedFor, shares, cash, account, reason };
    const drafts = [{ type: 'AdjustmentBooked', data, correlationId: adjustmentId, causationId: null } as const];
    const fault = adjustmentFault(state.book.coa, data) ?? postingPreflight(state, drafts, context.clock.now());
    if (fault !== undefined) throw fault;
    await appender.appendIfUnchanged(STREAMS.accounting, drafts, LOCAL_USER);
    await projector.catchUp();
    context.output.result({ ok: true, adjustmentId, settles });
    context.output.say(`${adjustmentId} is booked${settles === null ? '' : `; ${settles} is settled`}`);
    return 0;
  });
}
