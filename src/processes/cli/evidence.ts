import { TradeBotError } from '../../kernel/errors.js';

/**
 * Throws EVIDENCE_DIFFERS (exit 3) when seals or exports on disk are not those of the journal. Only for commands that may
 * be repeated: what they did stays done.
 */
export function refuseDifferentEvidence(evidence: readonly string[]): void {
  const [first] = evidence;
  if (first === undefined) return;
  const more = evidence.length > 1 ? ` (and ${evidence.length - 1} more files)` : '';
  throw new TradeBotError('DataError', 'stop', {
    code: 'EVIDENCE_DIFFERS',
    message: `evidence does not match the journal: ${first}${more}`,
    remedy:
      'Nothing of it was replaced. Compare it with a copy of yours. If the file was changed, move it away: the original ' +
      'is made again at the next start. If the file is right, the journal was changed: restore it from a backup.',
    details: { files: evidence.length },
  });
}
