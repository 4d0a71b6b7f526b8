import type { EpochMs } from '../kernel/time.js';

/** Something that a person should hear of at once. Text without secrets. */
export interface Alert {
  readonly at: EpochMs;
  readonly severity: 'critical' | 'warning';
  /** A closed code, such as `WATCHDOG_DISK` or `BOOKS_DIFFER`. */
  readonly code: string;
  readonly message: string;
}

/** Where alerts go. Never throws and never makes the caller wait: an alert that cannot be sent stops nothing. */
export interface Alerts {
  raise(alert: Alert): void;
}

/** In test mode nobody is told (RUN-35). */
export const NO_ALERTS: Alerts = { raise: () => undefined };
