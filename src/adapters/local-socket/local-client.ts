import { existsSync, lstatSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { networkError, type TradeBotError } from '../../kernel/errors.js';
import { RunningTimer } from '../clock/running-timer.js';
import { causeText } from '../files/system-error.js';
import { FrameReader, frameOf } from './frames.js';
import { kindOf, LARGEST_ANSWER_BYTES, LARGEST_REQUEST_BYTES, type FromClient } from './protocol.js';
import { reachablePath, refuseUnsafeFolder, type SocketPaths } from './socket-place.js';

export interface AskLocalOptions {
  readonly paths: SocketPaths;
  readonly request: unknown;
  /** No sign of life for so long: the other side stands still. */
  readonly silentMs?: number;
  /** The whole of it, however alive the other side is. */
  readonly withinMs: number;
}

const SILENT_MS = 15_000;

/**
 * Asks the process behind a local socket. Undefined when none listens: nothing was asked. Throws BOT_SILENT (nothing was
 * asked), BOT_OUTCOME_UNKNOWN (reconcile: it may have been done), REQUEST_TOO_LARGE, LOCAL_FOLDER_UNSAFE, LOCAL_PATH_TOO_LONG.
 */
export async function askLocal(options: AskLocalOptions): Promise<{ readonly answer: unknown } | undefined> {
  const { paths, request } = options;
  const frame = frameOf({ kind: 'request', request } satisfies FromClient);
  if (frame.length > LARGEST_REQUEST_BYTES) throw requestTooLarge(frame.length);
  if (!existsSync(paths.dir)) return undefined;
  refuseUnsafeFolder(paths.dir);
  if (lstatSync(paths.file, { throwIfNoEntry: false })?.isSocket() !== true) return undefined;
  const place = reachablePath(paths);
  try {
    return await new Conversation(options, frame).over(connect(place.path));
  } finally {
    place.free();
  }
}

/** One connection: hello, request, signs of life, answer. */
class Conversation {
  #asked = false;
  #timers: readonly RunningTimer[] = [];

  constructor(
    private readonly options: AskLocalOptions,
    private readonly frame: Buffer,
  ) {}

  over(socket: Socket): Promise<{ readonly answer: unknown } | undefined> {
    const reader = new FrameReader(LARGEST_ANSWER_BYTES);
    return new Promise<{ readonly answer: unknown } | undefined>((resolve, reject) => {
      const { silentMs = SILENT_MS, withinMs } = this.options;
      const silent = new RunningTimer(silentMs, () => reject(this.#lost(`no sign of life within ${silentMs} ms`)));
      const whole = new RunningTimer(withinMs, () => reject(this.#lost(`no answer within ${withinMs} ms`)));
      this.#timers = [silent, whole];
      socket.on('data', (chunk) => {
        silent.restart();
        try {
          for (const frame of reader.push(chunk)) {
            if (kindOf(frame) === 'hello') this.#ask(socket);
            if (kindOf(frame) === 'answer') resolve({ answer: (frame as { readonly answer: unknown }).answer });
          }
        } catch (error) {
          reject(this.#lost(causeText(error)));
        }
      });
      // nobody listens any more, or not yet; a request that was not sent is none
      socket.on('error', (error) => (this.#asked ? reject(this.#lost(causeText(error))) : resolve(undefined)));
      socket.on('close', () => (this.#asked ? reject(this.#lost('it ended the connection')) : resolve(undefined)));
    }).finally(() => {
      this.#timers.forEach((timer) => timer.cancel());
      socket.destroy();
    });
  }

  #ask(socket: Socket): void {
    if (this.#asked) return;
    this.#asked = true;
    socket.write(this.frame);
  }

  #lost(why: string): TradeBotError {
    if (!this.#asked) {
      return networkError('retry', {
        code: 'BOT_SILENT',
        message: `the running bot does not answer on ${this.options.paths.file}: ${why}`,
        remedy:
          'Nothing was asked of it. Try again; when it lasts, see tradebot status, end the bot and start it again.',
      });
    }
    return networkError('reconcile', {
      code: 'BOT_OUTCOME_UNKNOWN',
      message: `the running bot took the request and did not answer: ${why}`,
      remedy: 'It may have been done, or be done yet: look before you ask again.',
    });
  }
}

function requestTooLarge(bytes: number): TradeBotError {
  return networkError('refuse', {
    code: 'REQUEST_TOO_LARGE',
    message: `a request of ${bytes} bytes is too large for the running bot, of at most ${LARGEST_REQUEST_BYTES}`,
    remedy: 'Ask for less at a time.',
  });
}
