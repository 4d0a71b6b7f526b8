import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { BareOrder } from './bare.js';
import type { Target } from './load.js';

/** A stream is whole when it said nothing new for so long; a heartbeat is nothing new. */
const QUIET_MS = 700;
const HEARTBEAT = /^: .*\n\n/gm;

/** An answer as it came, for the yardstick to serve the same bytes. */
export interface Captured {
  readonly served: Omit<BareOrder, 'name'>;
  readonly etag: string | null;
  readonly bytes: number;
}

/** Asks once, and takes the answer as its bytes are. */
export async function captured({ port, path, headers, status }: Target, kind: BareOrder['kind']): Promise<Captured> {
  const asked = get({ host: '127.0.0.1', port, path, headers, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  if (response.statusCode !== status) throw new Error(`${path} answered ${String(response.statusCode)}`);
  const bytes = kind === 'answer' ? await wholeOf(response) : await startOf(response);
  asked.destroy();
  const served = {
    kind,
    type: response.headers['content-type'] ?? '',
    encoding: response.headers['content-encoding'] ?? null,
    base64: bytes.toString('base64'),
  };
  return { served, etag: response.headers.etag ?? null, bytes: bytes.length };
}

async function wholeOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What a stream sends before it waits for something to happen. */
function startOf(response: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let text = '';
    let timer: NodeJS.Timeout | undefined;
    response.setEncoding('utf8').on('error', reject);
    response.on('data', (chunk: string) => {
      const fresh = chunk.replaceAll(HEARTBEAT, '');
      if (fresh === '') return;
      text += fresh;
      clearTimeout(timer);
      timer = setTimeout(() => resolve(Buffer.from(text)), QUIET_MS);
    });
  });
}
