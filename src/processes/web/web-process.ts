import { runChild } from '../ipc/child.js';
import { startWeb } from './start-web.js';

runChild('web', startWeb);
