import { SystemClock } from '../../adapters/clock/system-clock.js';
import type { TestResult } from '../../app/test-mode/test-run.js';
import { checkJournal } from '../../composition/check-journal.js';
import { composeBotIdentity, type BotIdentityParts } from '../../kernel/identity.js';
import type { Vault } from '../../ports/vault.js';
import { result } from './dry-run.js';

/** The server of the home's journal, a result for each finding; none for a journal in the home (RUN-35). */
export async function journalSelfCheck({
  vault,
  identityParts,
}: {
  readonly vault: Pick<Vault, 'journalAddress'>;
  readonly identityParts: BotIdentityParts;
}): Promise<readonly TestResult[]> {
  const { findings } = await checkJournal({
    address: vault.journalAddress(),
    identity: composeBotIdentity(identityParts),
    belonging: 'own home',
    clock: new SystemClock(),
  });
  return findings
    .filter(({ result: how }) => how !== 'open')
    .map(({ name, result: how, text, remedy }) =>
      result(`journal.${name.replaceAll(' ', '-')}`, how !== 'failed', `${text} ${remedy}`.trim()),
    );
}
