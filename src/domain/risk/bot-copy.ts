import type { EventData } from '../../events/event.js';

type BotCopy = EventData<'BotCopyFound'>;

const SIGNS: Readonly<Record<BotCopy['sign'], string>> = {
  open_order: 'the broker lists open order',
  report: 'the broker reports on order',
  id_taken: 'the broker refused as taken the id of order',
};

/** What a user can do about it. */
export const BOT_COPY_REMEDY =
  'Find the other copy and stop it: a copied home, or this home before it was restored. Then allow entries with a reason, on the page or by "tradebot reset bot-copy".';

/** That another copy trades the account, and how that was noticed. */
export function botCopyText({ sign, clientOrderId }: BotCopy): string {
  return `another copy of this bot trades this account: ${SIGNS[sign]} ${clientOrderId}, which this journal does not have; entries are held`;
}
