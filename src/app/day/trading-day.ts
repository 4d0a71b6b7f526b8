import type { EventData } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { configError } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { settingsSha256 } from '../../domain/config/settings.js';
import { closeSession } from './close-session.js';
import { engineContextOf } from './engine-context.js';
import { playDay } from './play-session.js';
import { prepareSession } from './prepare-session.js';
import type { SessionDeps } from './session-deps.js';

export type DayOutcome = 'traded' | 'resumed' | 'already closed';

/**
 * One trading day from preparation to SessionClosed. Run again after a kill at any instant, it resumes from the
 * journal; run again after the end, it does nothing.
 */
export async function runTradingDay(deps: SessionDeps): Promise<DayOutcome> {
  const { state, appender, calendarDay } = deps;
  const date = calendarDay.date;
  appender.sessionDate = date;
  refuseOtherDay(deps, 'same settings');
  const { session, lastRecordedAt } = state;
  if (session?.closed !== undefined && lastRecordedAt !== undefined && lastRecordedAt > deps.clock.now()) {
    deps.clock.advanceTo(lastRecordedAt);
  }
  await sealLeftOver(deps);
  if (state.closedSessions.has(date)) {
    await deps.projections.catchUp();
    return 'already closed';
  }
  const resumedAt = resumePoint(state, date);
  // A resumed day is also played from the open: minutes before its last event are replayed without trading.
  deps.clock.advanceTo(calendarDay.opensAt);
  if (resumedAt === undefined) settleTransfers(deps);
  await prepareSession(deps);
  deps.world?.beginDay();
  const context = await engineContextOf(deps);
  const stream = await playDay(deps, context, resumedAt);
  await closeSession(deps, stream);
  return resumedAt === undefined ? 'traded' : 'resumed';
}

/** Seals the last session when its process crashed between closing it and sealing the journal. */
export async function sealLeftOver({ state, sealSession }: SessionDeps): Promise<void> {
  const { session } = state;
  if (session?.closed === undefined || session.sealed) return;
  await sealSession(session.opened.date);
}

/** Time of the last event of a session that was not closed; undefined when this day has not started. */
export function resumePoint(state: EngineState, date: string): EpochMs | undefined {
  return state.session?.opened.date === date && state.session.closed === undefined ? state.lastRecordedAt : undefined;
}

/** Before the session opens, the bank of a simulated world executes the open transfers; the bot only sees the cash (TRD-66). */
export function settleTransfers({ state, world }: Pick<SessionDeps, 'state' | 'world'>): void {
  const transfers = [...state.openTransfers.values()].map(({ adjustmentId, amount, direction }) => ({
    reference: adjustmentId,
    amount: Decimal.parse(amount),
    direction: direction === 'inject' ? ('in' as const) : ('out' as const),
  }));
  world?.settleTransfers(transfers);
}

/**
 * Refuses, before anything is written, an unfinished day with other data or settings, and a day before one that was
 * already traded. A closed day is never refused: a command for several days that crashed starts with it. A live day
 * continues with other settings, which may change during it (RUN-30).
 */
export function refuseOtherDay(deps: SessionDeps, wanted: 'same settings' | 'any settings'): void {
  const { state, calendarDay } = deps;
  const { date } = calendarDay;
  const begun =
    state.closedSessions.get(date) ?? (state.session?.opened.date === date ? state.session.opened : undefined);
  if (begun !== undefined) {
    refuseOtherInput(deps, begun, wanted);
    return;
  }
  const session = state.session;
  if (session !== undefined && session.closed === undefined) {
    throw configError({
      code: 'SESSION_UNFINISHED',
      message: `the session of ${session.opened.date} in this home was not finished`,
      remedy: `Finish that day first, with its original data.`,
    });
  }
  const latest = [...state.closedSessions.keys()].sort().at(-1);
  if (latest !== undefined && date < latest) {
    throw configError({
      code: 'SESSION_IN_THE_PAST',
      message: `the home has already traded ${latest}, so ${date} cannot follow`,
      remedy: 'Choose a later day, or another --home.',
    });
  }
}

function refuseOtherInput(
  { market, settings, brokerSeed }: SessionDeps,
  opened: EventData<'SessionOpened'>,
  wanted: 'same settings' | 'any settings',
): void {
  const differs =
    opened.feed.sha256 !== market.description.sha256
      ? 'market data'
      : opened.brokerSeed !== brokerSeed
        ? 'broker seed'
        : wanted === 'same settings' && opened.settingsSha256 !== settingsSha256(settings)
          ? 'settings'
          : undefined;
  if (differs === undefined) return;
  throw configError({
    code: 'SESSION_DIFFERS',
    message: `the unfinished session of ${opened.date} in this home has different ${differs}`,
    remedy: 'Give the same data, seed and settings to resume it, or choose another --home.',
  });
}
