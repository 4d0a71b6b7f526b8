import { runChild } from '../ipc/child.js';
import { startEngine } from './start-engine.js';

runChild('engine', (child) => startEngine(child));
