import { apartMs, clockDifference, clockDifferenceText } from '../../domain/risk/clock-difference.js';
import { TradeBotError } from '../../kernel/errors.js';
import { SECOND_MS, type Clock } from '../../kernel/time.js';
import { checkOfError, type BrokerCheck } from '../../ports/broker-connection.js';
import type { Reference } from './reference.js';
import { textOf } from './shapes.js';
import type { TradierApi } from './tradier-api.js';

export interface SelfCheckOptions {
  readonly api: TradierApi;
  readonly reference: Reference;
  readonly clock: Clock;
}

/** The clocks may differ by so much: beyond it, time stamps of orders and of the session cannot be compared. */
const MOST_SKEW_MS = 30 * SECOND_MS;

/** What can be known of token, account and clock without an order; each check says what is wrong and what helps. */
export async function checkTradier(options: SelfCheckOptions): Promise<readonly BrokerCheck[]> {
  const account = await checked('broker.tradier.account', () => accountFault(options));
  if (!account.ok) return [account];
  const [balances, clock] = await Promise.all([
    checked('broker.tradier.balances', () => balancesFault(options)),
    checked('broker.tradier.clock', () => clockFault(options)),
  ]);
  return [account, balances, clock];
}

/** Types of account in which stocks are traded, as the profile names them; a profile without a type forbids nothing. */
const EQUITY_ACCOUNTS: readonly string[] = ['margin', 'cash', 'pdt'];

interface Fault {
  readonly cause: string;
  readonly remedy: string;
}

async function checked(name: string, look: () => Promise<Fault | undefined>): Promise<BrokerCheck> {
  try {
    const fault = await look();
    return fault === undefined ? { name, ok: true, cause: '', remedy: '' } : { name, ok: false, ...fault };
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return checkOfError(name, error);
  }
}

async function accountFault({ api }: SelfCheckOptions): Promise<Fault | undefined> {
  const number = await api.accountNumber();
  const account = (await api.profileAccounts()).find((one) => textOf(one, 'account_number') === number);
  const saysOf = (field: string): string => (account === undefined ? '' : (textOf(account, field) ?? '')).slice(0, 40);
  const status = saysOf('status');
  const type = saysOf('type');
  if (status !== '' && status.toLowerCase() !== 'active') {
    return {
      cause: `the account at TRADIER is ${status}`,
      remedy: 'Ask the broker to open it again. No order is taken meanwhile.',
    };
  }
  if (type === '' || EQUITY_ACCOUNTS.includes(type.toLowerCase())) return undefined;
  return {
    cause: `the account at TRADIER is of the type ${type}, and stocks are traded in a margin or cash account`,
    remedy: 'Set BROKER_ACCOUNT_NUMBER to a margin or cash account of this login.',
  };
}

async function balancesFault({ api }: SelfCheckOptions): Promise<Fault | undefined> {
  await api.balances();
  return undefined;
}

async function clockFault({ reference, clock }: SelfCheckOptions): Promise<Fault | undefined> {
  const askedAt = clock.now();
  const theirs = await reference.brokerTime();
  const apart = clockDifference({ askedAt, theirs, answeredAt: clock.now() });
  if (apartMs(apart) <= MOST_SKEW_MS) return undefined;
  return {
    cause: clockDifferenceText(apart, 'TRADIER'),
    remedy: 'Set the clock of this machine by a time server.',
  };
}
