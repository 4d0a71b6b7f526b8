/** How bad a condition is. */
export type Severity = 'Warning' | 'Critical';

/** Something that keeps the bot from being OK: what is the case, and what a person can do about it. */
export interface Condition {
  /** For programs, such as POSITIONS_UNMANAGED. */
  readonly code: string;
  readonly severity: Severity;
  readonly text: string;
  readonly remedy: string;
}

/** The state of a bot with these conditions. */
export function overallOf(conditions: readonly Condition[]): 'OK' | Severity {
  if (conditions.some(({ severity }) => severity === 'Critical')) return 'Critical';
  return conditions.length > 0 ? 'Warning' : 'OK';
}
