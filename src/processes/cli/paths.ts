import { resolve } from 'node:path';
import { configError } from '../../kernel/errors.js';

/** Resolves a user's path against the working directory. */
export function absolutePath(given: string, option: string): string {
  if (given.trim() !== '') return resolve(given);
  throw configError({ code: 'PATH_EMPTY', message: `${option} is empty`, remedy: 'Give a path.' });
}
