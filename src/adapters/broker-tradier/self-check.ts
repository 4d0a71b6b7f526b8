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
  const status = account === undefined ? '' : (textOf(account, 'status') ?? '');
  if (status === '' || status.toLowerCase() === 'active') return undefined;
  return {
    cause: `the account at TRADIER is ${status}`,
    remedy: 'Ask the broker to open it again. No order is taken meanwhile.',
  };
}

async function balancesFault({ api }: SelfCheckOptions): Promise<Fault | undefined> {
  await api.balances();
  return undefined;
}

async function clockFault({ reference, clock }: SelfCheckOptions): Promise<Fault | undefined> {
  const skewMs = (await reference.brokerTime()) - clock.now();
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return undefined;
  return {
    cause: `the clock of this machine differs from that of TRADIER by ${Math.round(skewMs / SECOND_MS)} s`,
    remedy: 'Set the clock of this machine by a time server.',
  };
}
