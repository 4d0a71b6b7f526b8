import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldedBooks } from '../../../src/app/day/folded-books.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import type { BotIdentityParts } from '../../../src/kernel/identity.js';
import { DAY_MS, epochMs, parseUtcText, plusMs, type EpochMs } from '../../../src/kernel/time.js';
import type { EmulatedExchange } from '../../emulators/exchange/exchange.js';
import type { FaultPlan } from '../../emulators/exchange/fault-plan.js';
import { MARKET_SYMBOLS, startEmulator, type EmulatorName, type RunningEmulator } from '../../emulators/emulators.js';
import { TestChild } from '../../support/engine-child.js';
import { BOTH_WAYS, EngineHome } from '../../support/engine-home.js';
import { worldSpeed } from './world-speed.js';

const HALF_A_CENT = Decimal.parse('0.005');
/** Processes that start slowly have to be there before the open: at this speed minutes that are read again come late. */
const START = '2013-10-07T13:18:00.000Z';
/** Minutes settle seconds after their end: faster, they would come late on a busy machine. */
const SPEED = 30;
const STEP_MS = 10;
/**
 * One window, and the bot's own close some minutes after it: a machine that stands still for seconds misses no entry, and exits
 * that it delays are through before the close, which would carry them to the next day.
 */
const SHORT_DAY = {
  ...BOTH_WAYS,
  STRATEGY_OVERRIDE: 'open',
  OPEN_ANALYSIS_TIME: '4',
  OPEN_BREAKOUT_TIME: '12',
  OPEN_MONITORING_TIME: '3',
  MARKET_CLOSE: '09:57@America/New_York',
  MIN_VOLUME_THRESHOLD: '0',
  MAX_GAP_PCT_OPEN: '1',
  MIN_MARKET_CAP_OPEN: '0',
  MAX_MARKET_CAP_OPEN: '100000000000000',
  VIX_GATE_ENABLED: 'false',
  API_TIMEOUT: '5',
};

/** A bot that trades a short day at an emulated broker, with its engine and projector as processes. */
export class EmulatedDay {
  readonly children: TestChild[] = [];
  readonly #timer: NodeJS.Timeout;

  static async make(
    home: string,
    name: EmulatorName,
    { seed = 7, settings = {} }: { readonly seed?: number; readonly settings?: Readonly<Record<string, string>> } = {},
  ): Promise<EmulatedDay> {
    const virtualStart = parseUtcText(START);
    // The world stands still until the home is made: that takes its time, and must not cost a part of the session.
    const begun: { at?: number } = {};
    const speed = worldSpeed(SPEED);
    const now = (): EpochMs => {
      const ms = begun.at === undefined ? 0 : Date.now() - begun.at;
      return epochMs(Math.floor(virtualStart + ms * speed));
    };
    const emulator = await startEmulator(name, { clock: { now }, seed });
    const { broker, credentials: brokerCredentials } = emulator;
    // every real account has records of before: what they moved is a part of the cash with which the books begin
    emulator.exchange.row('deposit', Decimal.of(500), { at: plusMs(virtualStart, -30 * DAY_MS) });
    const identity = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: broker, botId: 'B01' };
    const symbols = [...MARKET_SYMBOLS];
    const bot = await EngineHome.make(home, START, {
      broker,
      brokerCredentials,
      identity,
      symbols,
      settings: { ...SHORT_DAY, ...settings },
    });
    const wallStart = (begun.at = Date.now());
    const scale = { virtualStart, wallStart, speed };
    return new EmulatedDay({ home, bot, emulator, identity, scale });
  }

  private constructor(
    private readonly parts: {
      readonly home: string;
      readonly bot: EngineHome;
      readonly emulator: RunningEmulator;
      readonly identity: BotIdentityParts;
      readonly scale: { readonly virtualStart: number; readonly wallStart: number; readonly speed: number };
    },
  ) {
    this.#timer = setInterval(() => parts.emulator.advance(), STEP_MS);
  }

  get bot(): EngineHome {
    return this.parts.bot;
  }

  get exchange(): EmulatedExchange {
    return this.parts.emulator.exchange;
  }

  /** What goes wrong between bot and broker. */
  get wire(): FaultPlan {
    return this.parts.emulator.faults;
  }

  start(name: 'engine' | 'projector' = 'engine'): TestChild {
    const { home, scale, identity: identityParts } = this.parts;
    const child = new TestChild({ home, name, scale, identityParts });
    this.children.push(child);
    return child;
  }

  /** Waits for the sealed journal of the session; throws what stopped the bot before. */
  async ended(): Promise<void> {
    const last = await this.bot.until(
      'the end of the session',
      (event) => event.type === 'JournalSealed' || (event.type === 'BotStateChanged' && event.data.to === 'error'),
      { patienceMs: 240_000 },
    );
    if (last.type === 'BotStateChanged') throw new Error(last.data.reason);
  }

  /** The OFX statement of the session. */
  statement(): string {
    const { home } = this.parts;
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ofx'));
    return files.map((path) => readFileSync(join(home, path), 'utf8')).join('\n');
  }

  /** Violated invariants; empty when books, journal and account agree and nothing counts twice. */
  async faults(): Promise<readonly string[]> {
    const { bot } = this.parts;
    const { account } = this.exchange;
    const books = foldedBooks(await bot.state());
    const faults: string[] = [];
    const expectEqual = (what: string, ours: unknown, theirs: unknown): void => {
      const [one, two] = [JSON.stringify(ours), JSON.stringify(theirs)];
      if (one !== two) faults.push(`${what}: ${one} is not ${two}`);
    };
    expectEqual('books balance', books.isBalanced(), true);
    // books have cents: an account that keeps parts of a cent is at most half a cent away
    const apart = books.cash().minus(account.cash);
    if (apart.abs().gt(HALF_A_CENT)) faults.push(`the books have ${apart.shortText()} more cash than the account`);
    expectEqual(
      'open positions',
      this.exchange.positions().map(({ symbol }) => symbol),
      [],
    );
    expectEqual(
      'open orders',
      this.exchange.openOrders().map(({ ask }) => ask.clientId),
      [],
    );
    const intended = (await bot.eventsOf('OrderIntended')).map(({ data }) => data.clientOrderId);
    expectEqual('orders once', new Set(intended).size, intended.length);
    // an order that the broker makes of a call to close everything carries no id of ours
    const sent = [...this.exchange.orders.values()].flatMap(({ ask }) => (ask.clientId === '' ? [] : [ask.clientId]));
    expectEqual('orders sent once', new Set(sent).size, sent.length);
    const fills = (await bot.eventsOf('OrderFilled')).map(({ data }) => data);
    const shares = fills.reduce((sum, { quantity }) => sum.plus(Decimal.parse(quantity)), Decimal.ZERO);
    const theirs = account.executions.reduce((sum, { quantity }) => sum.plus(quantity), Decimal.ZERO);
    expectEqual('shares filled', shares.shortText(), theirs.shortText());
    expectEqual('journal', (await bot.read((journal) => journal.verify())).ok, true);
    return faults;
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    for (const child of this.children.splice(0)) await child.killHard();
    await this.parts.emulator.stop();
  }
}
