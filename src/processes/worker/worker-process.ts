import { runChild } from '../ipc/child.js';
import { startWorker } from './start-worker.js';

runChild('worker', startWorker);
