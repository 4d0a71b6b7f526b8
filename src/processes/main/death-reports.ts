import type { Log } from '../../adapters/telemetry/telemetry.js';
import type { UtcText } from '../../kernel/time.js';
import type { WorkerTask } from '../ipc/messages.js';
import { endText, type ChildProcessEnd } from './child-process-run.js';
import type { ChildDeath } from './child-supervisor.js';
import type { MainHome } from './main-home.js';

export interface DeathReportsDeps {
  readonly home: MainHome;
  readonly log: Log;
  /** A line for the person at the terminal. */
  readonly notice: (line: string) => void;
  readonly now: () => UtcText;
  /** Milliseconds of a clock that only goes forwards. */
  readonly ticks: () => number;
}

/** While the journal cannot be written, deaths of one process are reported once in this time. */
const OUTAGE_EVERY_MS = 60_000;

interface Crash {
  readonly lastEventAt: UtcText;
  readonly action: string;
  readonly deaths: number;
  readonly restartInMs: number | null;
}

/** Reports how child processes end: to the log, to the person at the terminal, and to the journal. */
export class DeathReports {
  readonly #outages = new Map<ChildDeath['name'], number>();

  constructor(private readonly deps: DeathReportsDeps) {}

  died({ name, end, aliveAt, restartInMs, deaths, fatal, givenUp, outage }: ChildDeath): void {
    if (outage && !this.#isNews(name)) return;
    const action = actionOf(restartInMs, givenUp, outage);
    this.deps.log.error(`${name} died`, { how: endText(end), deaths, restartInMs, stderr: end.stderr });
    // Before the set-up it is what `run` itself ends with.
    if (fatal === undefined || this.deps.home.settled) this.deps.notice(`${name} died (${endText(end)}); ${action}`);
    this.#crash(name, end, { lastEventAt: aliveAt, action, deaths, restartInMs });
  }

  workerDied(task: WorkerTask['task'], end: ChildProcessEnd): void {
    const { log, now } = this.deps;
    log.error(`the worker for ${task} died`, { how: endText(end), stderr: end.stderr });
    this.#crash('worker', end, { lastEventAt: now(), action: `${task} failed`, deaths: 1, restartInMs: null });
  }

  /** Such a process dies again every few seconds, and the journal takes no report of it. */
  #isNews(name: ChildDeath['name']): boolean {
    const now = this.deps.ticks();
    if (now - (this.#outages.get(name) ?? Number.NEGATIVE_INFINITY) < OUTAGE_EVERY_MS) return false;
    this.#outages.set(name, now);
    return true;
  }

  #crash(name: string, end: ChildProcessEnd, crash: Crash): void {
    const { home } = this.deps;
    const { exitCode, signal, lastWord } = end;
    void home.record((journal) => journal.processCrashed({ process: name, exitCode, signal, ...crash }));
    if (lastWord === undefined) return;
    void home.crashed(name, lastWord.error, lastWord.kind === 'crashed' ? lastWord.traceback : '');
  }
}

function actionOf(restartInMs: number | null, givenUp: boolean, outage: boolean): string {
  if (outage) return 'started again until the journal can be written';
  if (restartInMs === null) return 'not started again';
  return givenUp ? 'tried again later' : 'started again after a wait';
}
