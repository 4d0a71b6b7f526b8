import {
  KEY_CATEGORIES,
  SECRET_FILES,
  type Rotation,
  type SecretFileName,
  type SecretRecord,
  type Vault,
} from '../../ports/vault.js';
import type { SetupPlan } from './setup-form.js';

/** Stores the plan as the generation in use: the first one, or, after a crash, a new one with the current values. */
export function storePlan(vault: Vault, plan: SetupPlan): Rotation {
  const { envBot, secrets } = plan;
  const generation = vault.generation();
  if (generation === undefined) return vault.create({ envBot, secrets });
  if (holds(vault, plan)) return { generation, categories: KEY_CATEGORIES };
  return vault.rotate({ envBot, secrets });
}

export function describeGeneration({ generation, categories }: Rotation): string {
  return `generation ${generation}: ${categories.length} keys, ${Object.keys(SECRET_FILES).length} secret files, settings`;
}

function holds(vault: Vault, plan: SetupPlan): boolean {
  if (vault.envBot().reveal() !== plan.envBot.reveal()) return false;
  const names = Object.keys(plan.secrets) as SecretFileName[];
  return names.every((name) => sameRecord(vault.secret(name), plan.secrets[name] ?? {}));
}

function sameRecord(a: SecretRecord, b: SecretRecord): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name]?.reveal() === b[name]?.reveal());
}
