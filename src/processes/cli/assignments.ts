import { configError } from '../../kernel/errors.js';

/** Parses `KEY=VALUE` texts, of --set or of the command itself (`prefix` empty); the last value of a key wins. */
export function assignmentsOf(assignments: readonly string[], prefix = '--set '): Readonly<Record<string, string>> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const at = assignment.indexOf('=');
      if (at > 0) return [assignment.slice(0, at).trim(), assignment.slice(at + 1).trim()];
      throw configError({
        code: 'BAD_SET',
        message: `${prefix}${assignment.slice(0, 60)} is not KEY=VALUE`,
        remedy: `Write it as ${prefix}MAX_TRADES=2.`,
      });
    }),
  );
}
