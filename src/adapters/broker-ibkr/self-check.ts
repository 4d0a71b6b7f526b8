import { apartMs, clockDifference, clockDifferenceText } from '../../domain/risk/clock-difference.js';
import { TradeBotError } from '../../kernel/errors.js';
import { SECOND_MS, type EpochMs } from '../../kernel/time.js';
import type { BrokerAccount } from '../../ports/account-queries.js';
import { checkOfError, type BrokerCheck } from '../../ports/broker-connection.js';
import type { GatewayLine } from './gateway-line.js';
import type { GatewayAddress } from './gateway-session.js';

/** A clock that differs by more gives executions of the wrong minute. */
const MOST_SKEW_MS = 5 * SECOND_MS;
/** The ports that the vendor's programs listen on for paper accounts; their names begin with D. */
const PAPER_PORTS: ReadonlySet<number> = new Set([7497, 4002]);
const LIVE_PORTS: ReadonlySet<number> = new Set([7496, 4001]);

interface CheckDeps {
  readonly line: GatewayLine;
  readonly address: GatewayAddress;
  readonly accountNumber: string | null;
  readonly now: () => EpochMs;
  readonly brokerTime: () => Promise<EpochMs>;
  readonly account: () => Promise<BrokerAccount>;
  readonly openOrders: () => Promise<unknown>;
}

const passed = (name: string): BrokerCheck => ({ name, ok: true, cause: '', remedy: '' });
const failed = (name: string, cause: string, remedy: string): BrokerCheck => ({ name, ok: false, cause, remedy });

/** Checks connection, account, kind of account and clock; each finding names what is wrong and the remedy. */
export async function checkGateway(deps: CheckDeps): Promise<readonly BrokerCheck[]> {
  const { line } = deps;
  const { isWanted } = line;
  try {
    await line.open();
    const account = checkAccount(deps);
    // without the account its cash cannot be asked for
    const asked = account.ok ? [await checkCall('broker.cash', deps.account), await checkOrders(deps)] : [];
    return [passed('broker.connection'), account, await checkClock(deps), ...asked];
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return [checkOfError('broker.connection', error)];
  } finally {
    if (!isWanted) line.close();
  }
}

function checkAccount({ line, accountNumber, address }: CheckDeps): BrokerCheck {
  const name = 'broker.account';
  const accounts = line.session?.accounts ?? [];
  if (accountNumber !== null && accountNumber !== '' && !accounts.includes(accountNumber)) {
    return failed(
      name,
      `the login does not have the account of BROKER_ACCOUNT_NUMBER; it has ${accounts.length} others`,
      'Correct BROKER_ACCOUNT_NUMBER, or log in to TWS or IB Gateway as the user of that account.',
    );
  }
  const account = accountNumber ?? accounts[0] ?? '';
  if (accounts.length === 0) {
    return failed(
      name,
      'the login has no account',
      'Log in to TWS or IB Gateway as a user who may trade in an account.',
    );
  }
  if ((accountNumber === null || accountNumber === '') && accounts.length !== 1) {
    return failed(name, `the login has ${accounts.length} accounts`, 'Set BROKER_ACCOUNT_NUMBER to the one to trade.');
  }
  const paper = account.startsWith('D');
  if ((PAPER_PORTS.has(address.port) && !paper) || (LIVE_PORTS.has(address.port) && paper)) {
    return failed(
      name,
      `port ${address.port} is that of ${paper ? 'live' : 'paper'} accounts, and this is a ${paper ? 'paper' : 'live'} account`,
      'Correct the port of BROKER_URL, or log in to the other kind of account.',
    );
  }
  return passed(name);
}

async function checkClock({ now, brokerTime }: CheckDeps): Promise<BrokerCheck> {
  const name = 'broker.clock';
  const askedAt = now();
  const theirs = await brokerTime();
  const apart = clockDifference({ askedAt, theirs, answeredAt: now() });
  // the broker's time has whole seconds
  if (apartMs(apart) <= MOST_SKEW_MS + SECOND_MS) return passed(name);
  return failed(
    name,
    clockDifferenceText(apart, 'IBKR'),
    'Set the clock by a time service such as chrony or systemd-timesyncd.',
  );
}

/** A gateway whose API is set to read only takes no order, and lists none. */
function checkOrders({ openOrders }: CheckDeps): Promise<BrokerCheck> {
  return checkCall('broker.orders', openOrders);
}

async function checkCall(name: string, call: () => Promise<unknown>): Promise<BrokerCheck> {
  try {
    await call();
    return passed(name);
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return checkOfError(name, error);
  }
}
