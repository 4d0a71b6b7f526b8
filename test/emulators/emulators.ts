import { Decimal } from '../../src/kernel/decimal.js';
import type { Clock } from '../../src/kernel/time.js';
import { AlpacaEmulator } from './alpaca/emulator.js';
import type { EmulatedExchange } from './exchange/exchange.js';
import type { FaultPlan } from './exchange/fault-plan.js';
import { EmulatedMarket } from './exchange/market.js';
import { IbkrEmulator } from './ibkr/ibkr-emulator.js';
import { modelledOptions } from './ibkr/modelled-options.js';
import { TradierEmulator } from './tradier/tradier-emulator.js';

/** The invented market of a bot, whole. */
export const MARKET_SYMBOLS = ['SIMX', 'HMGR', 'TLRX', 'QRVS', 'NOVQ', 'PDLX', 'ZYNK'] as const;

export interface EmulatorParts {
  readonly clock: Clock;
  readonly seed: number;
  /** Any free one when it is left out. */
  readonly port?: number;
}

/** An emulator on loopback that trades by itself at the prices of an invented market. */
export interface RunningEmulator {
  readonly exchange: EmulatedExchange;
  readonly faults: FaultPlan;
  /** The wire of this vendor, for a test that changes what it says of the account. */
  readonly wire: AlpacaEmulator | TradierEmulator | IbkrEmulator;
  /** BROKER_NAME. */
  readonly broker: 'ALPACA' | 'TRADIER' | 'IBKR';
  /** Fields of the secret broker_credentials. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Time has passed: prices move, orders trade. */
  advance(): void;
  stop(): Promise<void>;
}

export type EmulatorName = 'alpaca' | 'tradier' | 'ibkr';

const CASH = Decimal.of(100_000);

/** Starts the emulator of a vendor. */
export async function startEmulator(name: EmulatorName, parts: EmulatorParts): Promise<RunningEmulator> {
  const { clock, seed } = parts;
  const market = new EmulatedMarket({ seed, symbols: MARKET_SYMBOLS, clock });
  const running = await STARTS[name]({ ...parts, market });
  running.exchange.autoTrade(seed);
  return running;
}

const symbols = MARKET_SYMBOLS.map((symbol) => ({
  symbol,
  price: Decimal.of(50),
  fractionable: true,
  shortable: true,
}));

type Start = (parts: EmulatorParts & { readonly market: EmulatedMarket }) => Promise<RunningEmulator>;

const STARTS: Readonly<Record<EmulatorName, Start>> = {
  alpaca: async ({ clock, seed, port, market }) => {
    const emulator = new AlpacaEmulator({ clock, seed, market, symbols, cash: CASH });
    const { url } = await emulator.start(port);
    const { exchange, faults, key, secretKey } = emulator;
    return {
      ...{ exchange, faults, wire: emulator, broker: 'ALPACA' },
      credentials: { BROKER_URL: url, BROKER_API_KEY: key, BROKER_SECRET_KEY: secretKey },
      advance: () => market.advance(exchange),
      stop: () => emulator.stop(),
    };
  },
  tradier: async ({ clock, seed, port }) => {
    const options = { clock, seed, symbols, cash: CASH, market: true };
    const emulator = new TradierEmulator({ ...options, ...(port === undefined ? {} : { port }) });
    const { url, token, accountNumber } = await emulator.start();
    const { exchange, faults } = emulator;
    return {
      ...{ exchange, faults, wire: emulator, broker: 'TRADIER' },
      credentials: { BROKER_URL: url, BROKER_API_KEY: token, BROKER_ACCOUNT_NUMBER: accountNumber },
      advance: () => emulator.advance(),
      stop: () => emulator.stop(),
    };
  },
  ibkr: async ({ clock, port, market }) => {
    const emulator = new IbkrEmulator({ clock, market, symbols, cash: CASH });
    for (const symbol of MARKET_SYMBOLS)
      emulator.market.options.set(symbol, modelledOptions({ clock, price: () => emulator.exchange.price(symbol) }));
    const { url } = await emulator.start(port);
    const { exchange, faults } = emulator;
    return {
      ...{ exchange, faults, wire: emulator, broker: 'IBKR' },
      credentials: { BROKER_URL: url },
      advance: () => market.advance(exchange),
      stop: () => emulator.stop(),
    };
  },
};
