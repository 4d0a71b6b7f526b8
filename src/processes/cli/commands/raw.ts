import type { Command } from 'commander';
import { findFrame } from '../../../adapters/raw-frames/find-frame.js';
import { eventWithFrame, EVENTS_WITH_FRAME, frameDigests } from '../../../app/web-queries/event-frames.js';
import { configError } from '../../../kernel/errors.js';
import type { Journal } from '../../../ports/journal.js';
import { existingHome, withJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { runs } from '../runs.js';

/** `tradebot raw`: what a broker or a feed sent, by its digest or by the event that was made from it. */
export function registerRaw(program: Command, context: CliContext): void {
  const command = program
    .command('raw')
    .description('print the message of the broker that an event was made from, as it came')
    .argument('<sha256 or event id>', 'the digest of the message, or the id of an event that has one');
  runs(command, (flags: GlobalFlags, [what]) => raw(context, what ?? '', flags));
}

const DIGEST = /^[0-9a-f]{64}$/;

async function raw(context: CliContext, what: string, flags: GlobalFlags): Promise<ExitCode> {
  const home = existingHome(context, flags);
  const sha256 = DIGEST.test(what) ? what : await withJournal(context, home, (journal) => digestOf(journal, what));
  const frame = await findFrame(home.paths.storage.rawFrames, sha256);
  if (frame === undefined) {
    throw configError({
      code: 'FRAME_NOT_KEPT',
      message: `no message with the digest ${sha256} is kept in ${home.paths.storage.rawFrames}`,
      remedy: 'It may be older than RAW_FRAMES_KEEP_DAYS, or of the simulator, which sends none.',
    });
  }
  const { at, source, channel, text } = frame;
  context.output.result({ at, source, channel, sha256, text });
  for (const line of [`${at} ${source} ${channel}`, `sha256 ${sha256}`, text]) context.output.say(line);
  return 0;
}

async function digestOf(journal: Journal, id: string): Promise<string> {
  const event = await eventWithFrame(journal, id);
  const digest = event === undefined ? undefined : frameDigests(event.data)[0];
  if (digest !== undefined) return digest;
  throw configError({
    code: 'EVENT_WITHOUT_FRAME',
    message: `"${id.slice(0, 60)}" is no event that was made from a message of the broker`,
    remedy: `Give the id of one of ${EVENTS_WITH_FRAME.join(', ')}, or a digest of 64 hex digits.`,
  });
}
