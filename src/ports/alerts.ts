import type { EpochMs } from '../kernel/time.js';

/** An alert for immediate delivery. Text without secrets. */
export interface Alert {
  readonly at: EpochMs;
  readonly severity: 'critical' | 'warning';
  /** A closed code, such as `WATCHDOG_DISK` or `BOOKS_DIFFER`. */
  readonly code: string;
  readonly message: string;
}

/** Alert delivery. Never throws and never blocks the caller, even when an alert cannot be sent. */
export interface Alerts {
  raise(alert: Alert): void;
}

/** No delivery, for test mode (RUN-35). */
export const NO_ALERTS: Alerts = { raise: () => undefined };
