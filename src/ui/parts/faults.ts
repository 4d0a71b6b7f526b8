import type { Problem } from '../api/problem.js';
import { capital } from '../lib/format.js';

/** What a refusal says at the fields of a form. */
export interface FieldTexts {
  readonly atFields: Readonly<Record<string, string>>;
  /** Whether each fault stands at a field: then nothing is left to say above the form. */
  readonly all: boolean;
}

/**
 * The faults of a refusal, in whole sentences, each at its field; that of a part such as `entries.SIMX` stands at `entries`. A
 * refusal that is about one field says its remedy there.
 */
export function faultsOf(refused: Problem, isShown: (field: string) => boolean): FieldTexts {
  const atFields: Record<string, string> = {};
  let all = refused.faults.length > 0;
  for (const { field, message } of refused.faults) {
    const [first = '', ...below] = field.split('.');
    const name = isShown(field) ? field : first;
    if (!isShown(name)) {
      all = false;
      continue;
    }
    const part = name === field ? '' : `${below.join('.')}: `;
    const remedy = message === refused.message ? refused.remedy : '';
    const text = [part === '' ? sentence(message) : sentence(part + message), remedy].filter(Boolean).join(' ');
    atFields[name] = name in atFields ? `${atFields[name] ?? ''} ${text}` : text;
  }
  return { atFields, all };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`;
}
