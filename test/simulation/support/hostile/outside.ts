import { CLOSING_STATE } from '../../../../src/domain/lifecycle/bot-state.js';
import { parseSettings } from '../../../../src/domain/config/settings.js';
import { Decimal } from '../../../../src/kernel/decimal.js';
import { TradeBotError } from '../../../../src/kernel/errors.js';
import { plusMs, type EpochMs } from '../../../../src/kernel/time.js';
import type { CashTransfer } from '../../../../src/ports/stepped-world.js';
import type { AwayJournal, MemorySpool } from '../../../support/journal-away.js';
import { Cut } from '../crash.js';
import type { LiveHarness, Life } from '../live-harness.js';
import type { HostileFault, Scenario } from './scenario.js';

/** Of ours. */
const AFTER_THE_CLOSE_MS = 20;

/** The parts of one process that something outside of it acts on. */
interface Touched {
  readonly life: Life;
  readonly moveCash: (transfer: CashTransfer) => void;
  readonly away: AwayJournal;
  readonly spool: MemorySpool;
}

type Acts = {
  readonly [K in HostileFault['kind']]?: (fault: Extract<HostileFault, { readonly kind: K }>, index: number) => unknown;
};

/**
 * Plans what persons, machine, journal and bank do while this process runs. The result says for how long the machine is down
 * after its death; undefined before.
 */
export function planOutside({ faults }: Scenario, live: LiveHarness, touched: Touched): () => number | undefined {
  let downMs: number | undefined;
  const { life } = touched;
  const { pacer, session, commands } = life;
  const person = { reason: 'the test commands', actor: 'user:tester' } as const;
  const acts: Acts = {
    cash: ({ amount, direction }, index) =>
      touched.moveCash({ reference: `cash-${index}`, amount: Decimal.parse(amount), direction }),
    freeze: ({ ms }) => pacer.set(plusMs(pacer.now(), ms)),
    death: (fault) => {
      downMs = fault.downMs;
      throw new Cut();
    },
    command: ({ command }) => {
      if (command === 'kill') void session.kill(person.reason, person.actor);
      else if (command === 'hand over') session.leave();
      else void commands.put({ kind: command, ...person });
    },
    flag: ({ command }) => obeyInMain(live, life, command),
    settings: ({ changes }) => {
      life.settings = parseSettings({ ...live.options.settings, ...changes });
      void commands.put({ kind: 'reload' });
    },
    'journal away': (fault) => leave(touched, fault, live.closesAt),
  };
  faults.forEach((fault, index) => {
    const act = acts[fault.kind] as ((fault: HostileFault, index: number) => unknown) | undefined;
    if (act === undefined || !('at' in fault)) return;
    const at = plusMs(live.opensAt, fault.at);
    if (at > pacer.now()) pacer.plan(at, () => act(fault, index));
  });
  return () => downMs;
}

/** Another process halts the bot in the journal, where its state allows it. */
async function obeyInMain(live: LiveHarness, { session, pacer }: Life, command: 'kill' | 'stop'): Promise<void> {
  try {
    await live.appender(pacer).changeBotState(CLOSING_STATE[command], 'a flag asks for it');
    session.followed();
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
  }
}

function leave(
  { life: { pacer }, away, spool }: Touched,
  { how, loses, keeps, ms }: Extract<HostileFault, { readonly kind: 'journal away' }>,
  closesAt: EpochMs,
): void {
  spool.most = spool.batches.length + keeps;
  away.goAway(how, loses);
  const comeBack = (): void => {
    spool.most = Number.POSITIVE_INFINITY;
    away.comeBack();
    pacer.wake();
  };
  pacer.plan(plusMs(pacer.now(), ms), comeBack);
  // no time of the world passes after the close of the session, to which a machine that stood still may wake up
  if (pacer.now() >= closesAt) setTimeout(comeBack, AFTER_THE_CLOSE_MS);
}
