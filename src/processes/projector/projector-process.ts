import { runChild } from '../ipc/child.js';
import { startProjector } from './start-projector.js';

runChild('projector', startProjector);
