import type { BookTaskResult } from '../../app/book-tasks/book-task.js';
import type { EventAppender } from '../../app/journal/event-appender.js';
import type { CheckFacts, RebuildFacts } from '../../app/book-tasks/task-facts.js';
import type { Projector } from '../../app/projector/projector.js';
import { shownRefusal } from '../../composition/shown-refusals.js';
import { STREAMS } from '../../events/streams.js';
import { networkError, type TradeBotError } from '../../kernel/errors.js';
import type { ProjectorWork } from '../ipc/messages.js';

export interface ProjectorWorkerDeps {
  /** Undefined until the projections are open. */
  readonly projector: () => Projector | undefined;
  readonly appender: Pick<EventAppender, 'append'>;
}

/** Rebuilds and checks that main asks for, one at a time, while the projections follow the journal. */
export class ProjectorWorker {
  readonly #stopping = new AbortController();
  #running: Promise<unknown> | undefined;
  #progress = '';

  constructor(private readonly deps: ProjectorWorkerDeps) {}

  /** Throws what refuses it; then every file is as it was. */
  async do(work: ProjectorWork): Promise<BookTaskResult> {
    const projector = this.deps.projector();
    if (projector === undefined || this.#running !== undefined || this.#stopping.signal.aborted) throw notNow();
    this.#progress = '0 %';
    const running = work.kind === 'rebuild' ? this.#rebuild(projector, work) : this.#check(projector, work);
    this.#running = running;
    try {
      return await running;
    } finally {
      this.#running = undefined;
    }
  }

  /** What the process says of it. */
  figures(): Readonly<Record<string, string>> {
    return this.#running === undefined ? {} : { work: this.#progress };
  }

  /** Ends what runs within a portion of it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running?.catch(() => undefined);
  }

  async #rebuild(projector: Projector, { name }: ProjectorWork): Promise<BookTaskResult> {
    return resultOfRebuild(await projector.rebuildInPortions(name, this.#options));
  }

  async #check(projector: Projector, { name, actor }: ProjectorWork): Promise<BookTaskResult> {
    const { ok, position, projections } = await projector.checkInPortions(name, this.#options);
    if (position !== null) {
      const data = { ok, position, projections };
      const cause = { correlationId: 'projections-check', causationId: null };
      await this.deps.appender.append(STREAMS.reporting, [{ type: 'ProjectionsChecked', data, ...cause }], actor);
    }
    return resultOfCheck({ ok, position, projections, evidence: projector.evidence() });
  }

  get #options(): Parameters<Projector['rebuildInPortions']>[1] {
    return {
      stop: this.#stopping.signal,
      onProgress: (done, total) => (this.#progress = `${Math.floor((done * 100) / Math.max(1, total))} %`),
    };
  }
}

function resultOfRebuild({ rebuilt, projections, evidence }: RebuildFacts): BookTaskResult {
  const findings = [
    ...projections.flatMap(({ name, stopped }) =>
      stopped === null ? [] : [`${name} stopped at position ${stopped.position}: ${stopped.reason}`],
    ),
    ...projections.flatMap(({ name, refusals }) => refusals.first.map((one) => `${name}: ${shownRefusal(one)}`)),
    ...evidence,
  ];
  const position = projections.map((one) => one.position).reduce((a, b) => (a !== null && b !== null && b > a ? b : a));
  const names = rebuilt.map(({ name }) => name).join(', ');
  return {
    ok: evidence.length === 0 && projections.every(({ stopped }) => stopped === null),
    summary: `rebuilt from the journal up to position ${position ?? 'none'}: ${names}`,
    findings,
    file: null,
    facts: { rebuilt, projections, evidence },
  };
}

function resultOfCheck(facts: CheckFacts): BookTaskResult {
  const { ok, position, projections, evidence } = facts;
  const differing = projections.filter((one) => !one.ok);
  const summary =
    differing.length === 0
      ? `${projections.length} projections match the journal at position ${position ?? 'none'}`
      : `${differing.length} of ${projections.length} projections differ from the journal: rebuild them`;
  const findings = differing.flatMap(({ name, differences }) => differences.map((one) => `${name}: ${one}`));
  return { ok: ok && evidence.length === 0, summary, findings: [...findings, ...evidence], file: null, facts };
}

function notNow(): TradeBotError {
  return networkError('retry', {
    code: 'PROJECTOR_NOT_READY',
    message: 'the projector is starting, ending, or has other work',
    remedy: 'Try again in a minute.',
  });
}
