import { existsSync, readFileSync } from 'node:fs';
import { anchoredSealPath, readAnchor, type Anchored } from '../adapters/seal-anchor/anchor-files.js';
import { anchorDirectoriesOf, noteAnchorDirectory } from '../adapters/seal-anchor/anchor-note.js';
import { anchorSeals } from '../adapters/seal-anchor/anchor-seals.js';
import { readSeals } from '../adapters/seal-keys/seal-files.js';
import type { HistoryEvidence, HistoryMark, LostHistory } from '../app/audit/lost-history.js';
import type { EventAppender } from '../app/journal/event-appender.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { Draft } from '../events/draft.js';
import { STREAMS } from '../events/streams.js';
import { TradeBotError } from '../kernel/errors.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Journal } from '../ports/journal.js';
import { EMBEDDED_POSITION } from './home-evidence.js';

/** A home with its journal. */
export interface AnchoredHome {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly journal: Pick<Journal, 'readAll' | 'readStream'>;
}

/** A directory of anchored seals, or why it cannot be read. */
export interface AnchorLook {
  readonly directory: string;
  readonly found: Anchored | TradeBotError;
}

/** SEAL_ANCHOR_DIR as the journal has it; empty when seals are not anchored. */
async function anchorSetting(journal: Pick<Journal, 'readStream'>): Promise<string> {
  let directory = '';
  for (const event of await journal.readStream(STREAMS.config)) {
    if (event.type !== 'ConfigChanged') continue;
    for (const { key, to } of event.data.changes) if (key === 'SEAL_ANCHOR_DIR') directory = to ?? '';
  }
  return directory;
}

/** Every directory that has seals of the home: the present one, and those of before. */
export async function lookAtAnchors({ paths, identity, journal }: AnchoredHome): Promise<readonly AnchorLook[]> {
  const setting = await anchorSetting(journal);
  const directories = new Set([...anchorDirectoriesOf(paths), ...(setting === '' ? [] : [setting])]);
  return Promise.all(
    [...directories].map(async (directory) => ({ directory, found: await found(directory, identity) })),
  );
}

async function found(directory: string, identity: BotIdentity): Promise<Anchored | TradeBotError> {
  try {
    return await readAnchor(directory, identity);
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
}

/** What anchored seals prove; a directory that cannot be read proves nothing and is reported by the next anchoring. */
export function anchorEvidence(
  { paths, identity }: Pick<AnchoredHome, 'paths' | 'identity'>,
  looks: readonly AnchorLook[],
): Pick<HistoryEvidence, 'marks' | 'disputes'> {
  const readable = looks.flatMap(({ found: one }) => (one instanceof TradeBotError ? [] : [one]));
  return {
    marks: readable.flatMap(({ seals }) => seals.flatMap(({ path, signed }) => markOf(path, signed, identity))),
    disputes: readable.flatMap((anchored) => disputesOf(paths, anchored)),
  };
}

type SignedOrFault = Anchored['seals'][number]['signed'];

function markOf(path: string, signed: SignedOrFault, identity: BotIdentity): readonly HistoryMark[] {
  if (signed instanceof TradeBotError || signed.seal.botIdentity !== identity) return [];
  const { sealId, position, hash } = signed.seal;
  if (!EMBEDDED_POSITION.test(position)) return [];
  const proof = { kind: 'seal', id: sealId, position, hash } as const;
  return [{ name: `anchored seal ${sealId} (${path})`, path: null, position, hash, followed: true, proof }];
}

function disputesOf({ output }: HomePaths, { directory, seals, publicKeys }: Anchored): readonly LostHistory[] {
  const texts = new Map(seals.map(({ path, text }) => [path, text]));
  const differing = readSeals(output.audit).flatMap(({ path, signed }) => {
    const anchored = signed instanceof TradeBotError ? undefined : texts.get(anchoredSealPath(directory, signed));
    return anchored === undefined || anchored === readFileSync(path, 'utf8')
      ? []
      : [dispute(`${path} differs from its anchored copy in ${directory}`)];
  });
  const key = existsSync(output.sealPublicKey) ? readFileSync(output.sealPublicKey, 'utf8') : undefined;
  if (key === undefined || publicKeys.length === 0 || publicKeys.includes(key)) return differing;
  return [
    ...differing,
    dispute(`${output.sealPublicKey} is none of the public keys that are anchored in ${directory}`),
  ];
}

const dispute = (message: string): LostHistory => ({
  code: 'JOURNAL_REWRITTEN',
  message,
  path: null,
  proof: null,
  exported: null,
});

/**
 * Copies the seals to the directory of the setting and records the result when it is news. Returns the event's draft;
 * undefined without a directory. Never throws for a directory that cannot be used.
 */
export async function anchorHome(
  home: AnchoredHome & { readonly appender: Pick<EventAppender, 'append'> },
): Promise<AnchorDraft | undefined> {
  const { paths, identity, journal, appender } = home;
  const directory = await anchorSetting(journal);
  if (directory === '') return undefined;
  const draft = await anchored(paths, identity, directory);
  const [last] = await journal.readAll({
    direction: 'backwards',
    limit: 1,
    filter: { types: ['SealsAnchored', 'SealAnchorFailed'] },
  });
  if (isNews(draft, last)) await appender.append(STREAMS.backup, [draft]);
  return draft;
}

/** The result of copying seals. */
export type AnchorDraft = Extract<Draft, { readonly type: 'SealsAnchored' | 'SealAnchorFailed' }>;

async function anchored(paths: HomePaths, identity: BotIdentity, directory: string): Promise<AnchorDraft> {
  const cause = { correlationId: 'seal-anchor', causationId: null };
  try {
    const result = await anchorSeals(paths, identity, directory);
    noteAnchorDirectory(paths, directory);
    return { type: 'SealsAnchored', data: { directory, ...result }, ...cause };
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    const { code, message, remedy } = error;
    return { type: 'SealAnchorFailed', data: { directory, code, message, remedy }, ...cause };
  }
}

/** The same failure at each seal would fill the journal. */
function isNews(draft: AnchorDraft, last: { readonly type: string; readonly data: unknown } | undefined): boolean {
  if (draft.type === 'SealsAnchored') return draft.data.added > 0 || last?.type !== 'SealsAnchored';
  const before = last?.type === 'SealAnchorFailed' ? (last.data as typeof draft.data) : undefined;
  return before?.code !== draft.data.code || before.directory !== draft.data.directory;
}
