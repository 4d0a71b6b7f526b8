import type { EngineState } from '../../domain/session/engine-state.js';
import type { Uuid } from '../../kernel/hash.js';
import type { Journal } from '../../ports/journal.js';

const PAGE = 1_000;

/**
 * Folds the events that the state does not have yet, in pages; the engine starts from nothing else (RUN-2). Those that were
 * applied before they were in the journal only move its end.
 */
export async function foldJournal(
  journal: Pick<Journal, 'readAll'>,
  state: EngineState,
  isApplied: (id: Uuid) => boolean = () => false,
): Promise<void> {
  for (;;) {
    const page = await journal.readAll({
      limit: PAGE,
      ...(state.lastPosition === undefined ? {} : { after: state.lastPosition }),
    });
    for (const event of page) {
      if (isApplied(event.id)) state.pass(event);
      else state.apply(event);
    }
    if (page.length < PAGE) return;
  }
}
