import { describe, expect, test } from '@jest/globals';
import { EngineAppender } from '../../src/app/journal/engine-appender.js';
import { foldJournal } from '../../src/app/journal/fold-journal.js';
import { decideConfirmation, waitingEntries } from '../../src/app/manual-entries/entry-confirmation.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import type { ConfirmationTake } from '../../src/trading/entries/confirmation.js';
import { CODES, PARTS } from './support/day-harness.js';
import { BOTH_WAYS } from './support/days.js';
import { liveHome, type LiveHarness } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

const SETTINGS = { ...BOTH_WAYS, TRADE_CONFIRMATION_REQUIRED: 'true' };

/** A decision by another process, as a worker of the running bot makes it. */
async function decideBy(live: LiveHarness, signalId: string, take: ConfirmationTake): Promise<boolean> {
  const clock = { now: () => live.home.now() };
  const state = new EngineState(CODES);
  await foldJournal(live.journal, state);
  const identity = composeBotIdentity(PARTS);
  const appender = new EngineAppender({ journal: live.journal, clock, identity, actor: 'system:worker', state });
  const parts = { state, appender, journal: live.journal, clock, now: clock };
  const request = { signalId, take, reason: 'looked at it', requestId: `request-${take}` };
  return (await decideConfirmation(parts, request, 'user:operator')).repeated;
}

const TLRX = '2026-01-06/open/TLRX';

describe('an operator confirms entries of a running bot (TRD-53)', () => {
  test('a confirmed entry is traded, a refused one and one that nobody answered are not', async () => {
    const live = liveHome({ settings: SETTINGS });
    const life = await live.start();
    const seen: unknown[] = [];
    life.pacer.plan(live.at('14:51:20.500'), async () => {
      seen.push((await waitingEntries(live.journal)).map(({ signalId }) => signalId));
      seen.push(await decideBy(live, TLRX, 'confirmed'));
      seen.push(await decideBy(live, TLRX, 'confirmed'));
      life.session.followed();
    });
    life.pacer.plan(live.at('14:56:20.500'), async () => {
      await decideBy(live, '2026-01-06/open/QRVS', 'refused');
      life.session.followed();
    });
    await life.session.run();
    expect(seen).toEqual([[TLRX], false, true]);
    const entries = (await live.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === 'entry');
    expect(entries.map(({ data }) => data.symbol)).toEqual(['TLRX']);
    const decided = await live.eventsOf('EntryConfirmationDecided');
    expect(decided.map(({ data, meta }) => `${data.symbol} ${data.outcome} ${meta.actor}`)).toEqual([
      'TLRX confirmed user:operator',
      'QRVS refused user:operator',
      'NOVQ expired system:engine',
      'QRVS expired system:engine',
      'ZYNK withdrawn system:engine',
      'QRVS expired system:engine',
    ]);
    const codes = (await live.eventsOf('CandidateRejected')).map(({ data }) => `${data.symbol} ${data.code}`);
    expect(codes).toEqual(expect.arrayContaining(['QRVS CONFIRMATION_REFUSED', 'QRVS CONFIRMATION_EXPIRED']));
    await expectGoodBooks(live.home, { trades: 1 });
  });

  test('a decision that comes too late, or about nothing, is refused and records nothing', async () => {
    const live = liveHome({ settings: SETTINGS });
    const life = await live.start();
    const refusals: string[] = [];
    life.pacer.plan(live.at('14:54:00.500'), async () => {
      for (const id of [TLRX, '2026-01-06/open/NONE']) {
        await decideBy(live, id, 'confirmed').catch((error: unknown) =>
          refusals.push((error as { code: string }).code),
        );
      }
    });
    await life.session.run();
    expect(refusals).toEqual(['CONFIRMATION_NOT_OPEN', 'CONFIRMATION_NOT_OPEN']);
    expect(await live.eventsOf('OrderIntended')).toEqual([]);
  });
});
