import { configError } from '../../kernel/errors.js';

/** Parses the `KEY=VALUE` texts of --set; the last value of a key wins. */
export function assignmentsOf(assignments: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const at = assignment.indexOf('=');
      if (at > 0) return [assignment.slice(0, at).trim(), assignment.slice(at + 1).trim()];
      throw configError({
        code: 'BAD_SET',
        message: `--set ${assignment.slice(0, 60)} is not KEY=VALUE`,
        remedy: 'Write it as --set MAX_TRADES=2.',
      });
    }),
  );
}
