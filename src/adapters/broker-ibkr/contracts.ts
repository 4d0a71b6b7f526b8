import { OptionType, SecType, type Contract } from '@stoqey/ib';
import { CONTRACT_UNITS, parseOption } from '../../domain/options/contract-name.js';
import type { TickerSymbol } from '../../events/names.js';
import { brokerError } from '../../kernel/errors.js';
import type { GatewayLine } from './gateway-line.js';
import type { WireContractDetails } from './messages.js';
import { gatewaySymbol, optionClass, securitySymbol } from './symbols.js';

const NO_SUCH_CONTRACT = 200;
/** Securities are asked for again after this many of them: a symbol may get another owner. */
const MOST_KNOWN = 5_000;

/** The security of a symbol in the United States, as an order names it before its details are known. */
export function plainContract(symbol: TickerSymbol): Contract {
  const option = parseOption(symbol);
  const market = { exchange: 'SMART', currency: 'USD' };
  if (option === undefined) return { symbol: gatewaySymbol(symbol), secType: SecType.STK, ...market };
  const { underlying, expiry, right, strike } = option;
  return {
    ...{ symbol: gatewaySymbol(underlying), secType: SecType.OPT, ...market },
    lastTradeDateOrContractMonth: expiry.replaceAll('-', ''),
    strike: Number(strike.shortText()),
    right: right === 'put' ? OptionType.Put : OptionType.Call,
    multiplier: Number(CONTRACT_UNITS.shortText()),
    tradingClass: optionClass(underlying),
  };
}

/** What the gateway knows of symbols: an id that is unique where a symbol alone may mean several securities. */
export class Contracts {
  readonly #details = new Map<TickerSymbol, WireContractDetails>();
  readonly #ids = new Map<TickerSymbol, number>();

  constructor(private readonly line: GatewayLine) {}

  /** The id of a position or an order of the account: it is the security that is held. */
  note(symbol: TickerSymbol, conId: number): void {
    if (conId > 0) this.#ids.set(symbol, conId);
  }

  /** The security of an order; nothing is waited for. */
  contractOf(symbol: TickerSymbol): Contract {
    const details = this.#details.get(symbol);
    const conId = details?.contract.conId ?? this.#ids.get(symbol);
    const plain = plainContract(symbol);
    return {
      ...plain,
      ...(conId === undefined ? {} : { conId }),
      ...(details === undefined || details.primaryExchange === '' ? {} : { primaryExch: details.primaryExchange }),
    };
  }

  /** @throws BrokerError AMBIGUOUS_SYMBOL (refuse), NetworkError (retry) when the gateway does not answer. */
  async details(symbol: TickerSymbol): Promise<WireContractDetails | undefined> {
    const known = this.#details.get(symbol);
    if (known !== undefined) return known;
    const all = await this.#ask(symbol);
    const shares = all.filter((each) => securitySymbol(each.contract) === symbol);
    const ids = new Map(shares.map((each) => [each.contract.conId, each]));
    const held = this.#ids.get(symbol);
    const only = held === undefined ? undefined : ids.get(held);
    if (only === undefined && ids.size > 1) throw ambiguous(symbol, [...ids.values()]);
    const found = only ?? [...ids.values()][0];
    if (found === undefined) return undefined;
    if (this.#details.size >= MOST_KNOWN) this.#details.clear();
    this.#details.set(symbol, found);
    return found;
  }

  #ask(symbol: TickerSymbol): Promise<readonly WireContractDetails[]> {
    const rows: WireContractDetails[] = [];
    return this.line.ask<readonly WireContractDetails[]>({
      what: `the security ${symbol}`,
      ask: (id) => (encoder) => encoder.reqContractDetails(id, plainContract(symbol)),
      take: (message, id) => {
        if (message.kind === 'contract' && message.reqId === id) rows.push(message);
        return message.kind === 'contractsEnd' && message.reqId === id ? { answer: rows } : undefined;
      },
      onError: (code) => (code === NO_SUCH_CONTRACT ? { answer: [] } : undefined),
    });
  }
}

function ambiguous(symbol: TickerSymbol, found: readonly WireContractDetails[]): Error {
  const names = found.map(({ contract, primaryExchange }) => `${primaryExchange} (id ${contract.conId})`).join(', ');
  return brokerError('refuse', {
    code: 'AMBIGUOUS_SYMBOL',
    message: `${symbol} means several securities at the broker: ${names.slice(0, 300)}`,
    remedy: 'Put the symbol on the blocklist, or trade it by hand.',
  });
}
