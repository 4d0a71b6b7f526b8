/** Sets a home up and kills itself after a step; given on stdin as JSON: {home, form, step, versionTag}. */
import { readFileSync } from 'node:fs';
import { provisionHome } from '../../../src/processes/worker/provision-home.js';

const { home, form, step: fatal, versionTag } = JSON.parse(readFileSync(0, 'utf8'));
await provisionHome({
  home,
  form,
  versionTag,
  actor: 'system:test',
  masterKeyFile: null,
  onStep: (step) => {
    if (step === fatal) process.kill(process.pid, 'SIGKILL');
  },
});
