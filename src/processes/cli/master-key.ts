import { existsSync } from 'node:fs';
import type { MasterKeySource } from '../../composition/seal-keys.js';
import { dotEnvOf } from '../../domain/home/home-paths.js';
import type { CliContext } from './context.js';
import { readDotEnv, type DotEnv } from './dot-env.js';
import { absolutePath } from './paths.js';

/** The `.env` file of a home merged over that of the project. */
export function dotEnvFor({ root }: Pick<CliContext, 'root'>, home: string): DotEnv {
  return { ...readDotEnv(dotEnvOf(root)), ...readDotEnv(dotEnvOf(home)) };
}

/** The file of the systemd credential, which works like `--master-key-file` (SEC-4); null without one. */
export function masterKeyCredential({ environment }: Pick<CliContext, 'environment'>): string | null {
  const credential = environment.service.masterKeyFile;
  return credential !== undefined && existsSync(credential) ? credential : null;
}

/** The master key of a home for commands that sign seals: as `tradebot run` finds it without its option. */
export function masterKeySource(context: CliContext, home: string): MasterKeySource {
  return {
    clock: context.clock,
    file: () => {
      const given = dotEnvFor(context, home).TRADEBOT_MASTER_KEY_FILE;
      return given === undefined ? masterKeyCredential(context) : absolutePath(given, 'TRADEBOT_MASTER_KEY_FILE');
    },
  };
}
