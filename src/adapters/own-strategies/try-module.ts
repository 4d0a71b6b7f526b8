import { definitionOf } from '../../strategies/own/definition.js';
import { TradeBotError } from '../../kernel/errors.js';
import { compileModule, type CompileResult, type ModuleSource } from './compile-module.js';
import type { CodeFault } from './forbidden-code.js';
import { Sandbox } from './sandbox.js';

/** Compiles a module and calls it once, so that what fails or never ends does it here. */
export function tryModule(name: string, source: ModuleSource): CompileResult {
  const made = compileModule(source);
  if ('faults' in made) return made;
  const fault = faultOf(name, source.file, made);
  return fault === undefined ? made : { faults: [fault] };
}

function faultOf(
  name: string,
  file: string,
  made: { readonly js: string; readonly map: string },
): CodeFault | undefined {
  try {
    const defined = definitionOf(
      name,
      new Sandbox({ file, ...made }).call('describe', {}, () => 'null'),
    );
    if (!('cause' in defined)) return undefined;
    return { line: 1, column: 1, code: 'STRATEGY_SHAPE', cause: defined.cause, remedy: defined.remedy };
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    const [, line = '1'] = /:(\d+): /.exec(error.message) ?? [];
    const cause = error.message.replace(/^[^ ]*: /, '');
    return {
      line: Number(line),
      column: 1,
      code: error.code,
      cause: `it failed when it was loaded: ${cause}`,
      remedy: 'Correct the line.',
    };
  }
}
