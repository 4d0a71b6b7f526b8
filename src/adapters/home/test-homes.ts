import { existsSync, readdirSync, rmSync } from 'node:fs';
import { safeName } from '../../domain/home/home-paths.js';
import type { BotIdentityParts } from '../../kernel/identity.js';
import { openHome, type OpenedHome } from './home.js';

/**
 * The owner of a home in test mode: its name is in every event and file name there (RUN-35), and no real bot has it.
 */
const TEST_MODE_PARTS: BotIdentityParts = {
  entityCode: 'TEST',
  jurisdictionCode: 'MODE',
  brokerCode: 'SIM',
  botId: 'DRYRUN',
};

/** Homes of runs in test mode, under one folder of the real home; each is deleted after its run. */
export class TestHomes {
  constructor(
    private readonly folder: string,
    private readonly version: string,
  ) {}

  make(runId: string, name: string): OpenedHome {
    const dir = `${this.folder}/${safeName(runId)}/${safeName(name)}`;
    return openHome({ dir, identity: TEST_MODE_PARTS, create: true, version: this.version });
  }

  /** Deletes the remains of a crashed run; no run may be active. */
  sweep(): void {
    if (!existsSync(this.folder)) return;
    for (const name of readdirSync(this.folder)) rmSync(`${this.folder}/${name}`, { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
