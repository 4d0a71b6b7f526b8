import type { EventData } from '../../events/event.js';

export type WatchSubject = EventData<'WatchdogStateChanged'>['subject'];
export type WatchState = EventData<'WatchdogStateChanged'>['to'];

/** One thing that is measured of a subject, and where it is good or bad. */
export interface WatchMeasure {
  /** Also the name of the figure in the event; it ends in its unit. */
  readonly name: string;
  /** `high`: more is worse; `low`: less is worse. */
  readonly bad: 'high' | 'low';
  /** From here on, inclusive, the subject is degraded, or down. */
  readonly degradedAt: number;
  readonly downAt: number;
  /** Only beyond these is it better again, so that a value at the edge does not flap. */
  readonly healthyAgainAt: number;
  readonly upAgainAt: number;
  /** What is wrong when this measure is, in words. */
  readonly trouble: string;
}

export interface WatchRule {
  readonly measures: readonly WatchMeasure[];
  /** Looks in a row that must agree before the state gets worse, or better. */
  readonly worseAfter: number;
  readonly betterAfter: number;
  /** What a person can do about it. */
  readonly remedy: string;
}

/** TRD-43: every threshold of the watchdog, in one table. A measure that was not taken says nothing. */
export const WATCH_TABLE: Readonly<Record<WatchSubject, WatchRule>> = {
  broker: {
    worseAfter: 2,
    betterAfter: 3,
    remedy: 'Entries wait until the broker answers again; see its status page and the network.',
    measures: [
      {
        name: 'latencyMs',
        bad: 'high',
        degradedAt: 2_000,
        downAt: 20_000,
        healthyAgainAt: 1_000,
        upAgainAt: 10_000,
        trouble: 'the broker answers slowly',
      },
      {
        name: 'errorPct',
        bad: 'high',
        degradedAt: 20,
        downAt: 60,
        healthyAgainAt: 10,
        upAgainAt: 30,
        trouble: 'requests to the broker fail',
      },
      {
        name: 'streamGapS',
        bad: 'high',
        degradedAt: 1,
        downAt: 10,
        healthyAgainAt: 0,
        upAgainAt: 5,
        trouble: "the broker's stream is cut",
      },
    ],
  },
  market_data: {
    worseAfter: 1,
    betterAfter: 2,
    remedy: 'Positions are closed in order; start again when the data provider delivers.',
    measures: [
      {
        name: 'silenceS',
        bad: 'high',
        degradedAt: 180,
        downAt: 600,
        healthyAgainAt: 90,
        upAgainAt: 300,
        trouble: 'no market data comes while the market is open',
      },
    ],
  },
  clock: {
    worseAfter: 2,
    betterAfter: 3,
    remedy: 'Entries wait; let a time service set the clock of this machine.',
    measures: [
      {
        name: 'skewMs',
        bad: 'high',
        degradedAt: 2_000,
        downAt: 10_000,
        healthyAgainAt: 1_000,
        upAgainAt: 5_000,
        trouble: "this machine's clock differs from the broker's",
      },
      {
        name: 'driftMs',
        bad: 'high',
        degradedAt: 2_000,
        downAt: 30_000,
        healthyAgainAt: 1_000,
        upAgainAt: 2_000,
        trouble: "this machine's clock does not run as time passes",
      },
    ],
  },
  disk: {
    worseAfter: 1,
    betterAfter: 2,
    remedy: 'Entries wait; make room on the disk of the home.',
    measures: [
      {
        name: 'freeMb',
        bad: 'low',
        degradedAt: 500,
        downAt: 100,
        healthyAgainAt: 600,
        upAgainAt: 150,
        trouble: 'the disk of the home is nearly full',
      },
    ],
  },
  journal: {
    worseAfter: 1,
    betterAfter: 3,
    remedy: 'Nothing is sent that cannot be recorded; see the disk of the home.',
    measures: [
      {
        name: 'appendMs',
        bad: 'high',
        degradedAt: 1_000,
        downAt: 10_000,
        healthyAgainAt: 500,
        upAgainAt: 5_000,
        trouble: 'the journal takes long to write',
      },
    ],
  },
};

export const WATCH_SUBJECTS: readonly WatchSubject[] = ['broker', 'market_data', 'clock', 'disk', 'journal'];
