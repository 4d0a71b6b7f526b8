import { existsSync, readdirSync, rmSync } from 'node:fs';
import { safeName } from '../../domain/home/home-paths.js';
import type { BotIdentityParts } from '../../kernel/identity.js';
import { openHome, type OpenedHome } from './home.js';

/**
 * Whose a home in test mode is: its name stands in every event and every name of a file there (RUN-35), and no real bot
 * has it.
 */
const TEST_MODE_PARTS: BotIdentityParts = {
  entityCode: 'TEST',
  jurisdictionCode: 'MODE',
  brokerCode: 'SIM',
  botId: 'DRYRUN',
};

/** Homes of runs in test mode, under one folder of the real home; each is gone after its run. */
export class TestHomes {
  constructor(
    private readonly folder: string,
    private readonly version: string,
  ) {}

  make(runId: string, name: string): OpenedHome {
    const dir = `${this.folder}/${safeName(runId)}/${safeName(name)}`;
    return openHome({ dir, identity: TEST_MODE_PARTS, create: true, version: this.version });
  }

  /** Takes away what an earlier run left when it died; nobody may be running one. */
  sweep(): void {
    if (!existsSync(this.folder)) return;
    for (const name of readdirSync(this.folder)) rmSync(`${this.folder}/${name}`, { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
