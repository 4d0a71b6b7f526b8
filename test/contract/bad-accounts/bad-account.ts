import { startChecks } from '../../../src/app/broker-check/start-checks.js';
import { answerWithin } from '../../../src/composition/real-account.js';
import { VENDORS } from '../../../src/composition/vendors.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { blocksSession, checkText } from '../../../src/domain/lifecycle/blocking-checks.js';
import { invariant } from '../../../src/kernel/errors.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { secret } from '../../../src/kernel/secret.js';
import { parseUtcText } from '../../../src/kernel/time.js';
import { startEmulator, type EmulatorName, type RunningEmulator } from '../../emulators/emulators.js';
import { AlpacaEmulator } from '../../emulators/alpaca/emulator.js';
import { IbkrEmulator } from '../../emulators/ibkr/ibkr-emulator.js';
import { TradierEmulator } from '../../emulators/tradier/tradier-emulator.js';
import { MemoryRawFrames } from '../../support/memory-raw-frames.js';

/** A Saturday: nothing trades. */
const NOW = parseUtcText('2013-10-05T12:00:00.000Z');
/** Seconds: an emulator answers at once, or never. */
const SHORT_WAIT = { API_TIMEOUT: 0.4 };

/** What the checks before a start find in an account, and what was sent to it meanwhile. */
export interface Found {
  /** The findings that keep the bot from a session, each as a person reads it. */
  readonly findings: readonly string[];
  /** The bot asks again by itself; otherwise a person has to start it. */
  readonly asksAgain: boolean;
  readonly sent: number;
}

/** An emulated account that a row of the table spoils. */
export class BadAccount {
  static async at(name: EmulatorName): Promise<BadAccount> {
    const clock = new VirtualClock(NOW);
    return new BadAccount(await startEmulator(name, { clock, seed: 1 }), clock);
  }

  private constructor(
    readonly emulator: RunningEmulator,
    private readonly clock: VirtualClock,
  ) {}

  get alpaca(): AlpacaEmulator {
    const { wire } = this.emulator;
    invariant(wire instanceof AlpacaEmulator, 'TEST_WIRE', 'not Alpaca');
    return wire;
  }

  get tradier(): TradierEmulator {
    const { wire } = this.emulator;
    invariant(wire instanceof TradierEmulator, 'TEST_WIRE', 'not Tradier');
    return wire;
  }

  get ibkr(): IbkrEmulator {
    const { wire } = this.emulator;
    invariant(wire instanceof IbkrEmulator, 'TEST_WIRE', 'not IBKR');
    return wire;
  }

  /** The checks of a new process, with other credentials where they are given. */
  async checked(credentials: Readonly<Record<string, string>> = {}): Promise<Found> {
    const { broker: name, exchange } = this.emulator;
    const fields = { ...this.emulator.credentials, ...credentials };
    const identity = composeBotIdentity({
      entityCode: 'DEMO',
      jurisdictionCode: 'US',
      brokerCode: name,
      botId: 'B01',
    });
    const of = (field: string): string => fields[field] ?? '';
    const number = of('BROKER_ACCOUNT_NUMBER');
    const account = {
      ...{ url: of('BROKER_URL'), host: '', userName: secret(''), password: secret('') },
      ...{ apiKey: secret(of('BROKER_API_KEY')), secretKey: secret(of('BROKER_SECRET_KEY')) },
      accountNumber: number === '' ? null : secret(number),
    };
    const make = VENDORS.brokers[name];
    invariant(make !== undefined, 'TEST_VENDOR', `no adapter for ${name}`);
    const broker = make({ account, identity, clock: this.clock, raw: new MemoryRawFrames(), purpose: 'look' });
    const within = answerWithin(SHORT_WAIT);
    try {
      const checks = await startChecks({ broker, identity, shortSellers: [], clock: this.clock, within });
      const blocking = checks.filter(({ name: module, ok }) => blocksSession({ module, ok }));
      return {
        findings: blocking.map((check) => checkText({ ...check, module: check.name })),
        asksAgain: blocking.length > 0 && blocking.every(({ mayPass }) => mayPass === true),
        sent: exchange.orders.size,
      };
    } finally {
      await broker.disconnect().catch(() => undefined);
    }
  }

  stop(): Promise<void> {
    return this.emulator.stop();
  }
}
