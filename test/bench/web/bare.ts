import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const LOADER = join(HERE, '../../unit/support/typescript-loader.mjs');

/** What a bare route answers with; `stream` keeps the response open after it. */
export interface BareOrder {
  readonly name: string;
  readonly kind: 'answer' | 'stream';
  readonly type: string;
  readonly encoding: string | null;
  /** The body. */
  readonly base64: string;
}

/** The yardstick: a NestJS application of bare routes, in a process of its own as our web is. */
export class BareNest {
  static async start(): Promise<BareNest> {
    const child = fork(join(HERE, 'bare-child.ts'), { execArgv: ['--import', LOADER] });
    const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
    return new BareNest(child, port);
  }

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** From now on it serves this; returns the path. */
  async serve(order: BareOrder): Promise<string> {
    const taken = once(this.child, 'message');
    this.child.send(order);
    await taken;
    return `/bare/${order.name}`;
  }

  stop(): void {
    this.child.disconnect();
  }
}
