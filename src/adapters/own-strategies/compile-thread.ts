import { parentPort } from 'node:worker_threads';
import type { ModuleSource } from './compile-module.js';
import { tryModule } from './try-module.js';

/** A module to be compiled and tried in the thread. */
export interface ThreadTask {
  readonly name: string;
  readonly source: ModuleSource;
}

parentPort?.on('message', ({ name, source }: ThreadTask) => {
  parentPort?.postMessage(tryModule(name, source));
});
