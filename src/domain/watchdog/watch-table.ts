import type { EventData } from '../../events/event.js';

export type WatchSubject = EventData<'WatchdogStateChanged'>['subject'];
export type WatchState = EventData<'WatchdogStateChanged'>['to'];

/** A measure of a subject with its thresholds. */
export interface WatchMeasure {
  /** Name, also of the figure in the event; it ends with the unit. */
  readonly name: string;
  /** `high`: more is worse; `low`: less is worse. */
  readonly bad: 'high' | 'low';
  /** Thresholds, inclusive, from which the subject is degraded or down. */
  readonly degradedAt: number;
  readonly downAt: number;
  /** Thresholds for recovery, which keep a value at the edge from flapping. */
  readonly healthyAgainAt: number;
  readonly upAgainAt: number;
  /** Description of the problem when this measure is bad. */
  readonly trouble: string;
}

export interface WatchRule {
  readonly measures: readonly WatchMeasure[];
  /** Consecutive measures required before the state gets worse, or better. */
  readonly worseAfter: number;
  readonly betterAfter: number;
  /** Remedy for the operator. */
  readonly remedy: string;
}

function skewMeasure(name: string, trouble: string): WatchMeasure {
  const thresholds = { degradedAt: 2_000, downAt: 10_000, healthyAgainAt: 1_000, upAgainAt: 5_000 };
  return { name, bad: 'high', ...thresholds, trouble };
}

/** All thresholds of the watchdog (TRD-43). */
export const WATCH_TABLE: Readonly<Record<WatchSubject, WatchRule>> = {
  broker: {
    worseAfter: 2,
    betterAfter: 3,
    remedy: 'Entries wait until the broker responds again. Check its status page and the network.',
    measures: [
      {
        name: 'latencyMs',
        bad: 'high',
        degradedAt: 2_000,
        downAt: 20_000,
        healthyAgainAt: 1_000,
        upAgainAt: 10_000,
        trouble: 'the broker responds slowly',
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
        trouble: "the broker's stream is disconnected",
      },
    ],
  },
  market_data: {
    worseAfter: 1,
    betterAfter: 2,
    remedy: 'Positions are closed in order. Start the bot again when the data provider delivers data.',
    measures: [
      {
        name: 'silenceS',
        bad: 'high',
        degradedAt: 180,
        downAt: 600,
        healthyAgainAt: 90,
        upAgainAt: 300,
        trouble: 'no market data arrives while the market is open',
      },
    ],
  },
  clock: {
    worseAfter: 2,
    betterAfter: 3,
    remedy: 'Entries wait. Let a time service set the clock of this machine.',
    measures: [
      skewMeasure('aheadMs', "this machine's clock is ahead of the broker's"),
      skewMeasure('behindMs', "this machine's clock is behind the broker's"),
      {
        name: 'driftMs',
        bad: 'high',
        degradedAt: 2_000,
        downAt: 30_000,
        healthyAgainAt: 1_000,
        upAgainAt: 2_000,
        trouble: "this machine's clock does not keep time",
      },
    ],
  },
  disk: {
    worseAfter: 1,
    betterAfter: 2,
    remedy: 'Entries wait. Free space on the disk of the home.',
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
    remedy: 'No order is sent that cannot be recorded. Check the disk of the home.',
    measures: [
      {
        name: 'appendMs',
        bad: 'high',
        degradedAt: 1_000,
        downAt: 10_000,
        healthyAgainAt: 500,
        upAgainAt: 5_000,
        trouble: 'the journal writes slowly',
      },
    ],
  },
};

export const WATCH_SUBJECTS: readonly WatchSubject[] = ['broker', 'market_data', 'clock', 'disk', 'journal'];
