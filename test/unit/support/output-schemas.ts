import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const FOLDER = fileURLToPath(new URL('../../../event-schemas/outputs/', import.meta.url));
const known = new Map<string, ValidateFunction>();

export interface OutputSchema {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly examples: readonly unknown[];
}

export function outputSchema(name: string): OutputSchema {
  return JSON.parse(readFileSync(`${FOLDER}${name}.v1.json`, 'utf8')) as OutputSchema;
}

/** Schema violations of an output value; empty when valid. */
export function faultsOf(name: string, value: unknown): readonly string[] {
  let validate = known.get(name);
  if (validate === undefined) {
    validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(outputSchema(name));
    known.set(name, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}
