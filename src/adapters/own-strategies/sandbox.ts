import { SourceMap } from 'node:module';
import { constants, createContext, Script } from 'node:vm';
import { ownCodeFailed, type AskMarket, type OwnCall, type OwnCode } from '../../strategies/own/own-code.js';
import { systemErrorCode } from '../files/system-error.js';
import { SANDBOX_SOURCE } from './sandbox-source.js';

/** A module of a strategy as JavaScript, with the map to the lines that its author wrote. */
export interface CompiledModule {
  /** As it is shown: `strategies/<name>/<file>`. */
  readonly file: string;
  readonly js: string;
  /** Source map, as JSON. */
  readonly map: string;
}

/** Real milliseconds for one call; a live engine interrupts a strategy long before. */
const CALL_MS = 1_000;

type Invoke = (factory: unknown, method: string, request: string, ask: (question: string) => string) => string;

/**
 * Runs the module of a strategy in a context of its own, without clock, chance, files and network. It is no prison for hostile
 * code: that would run as the user of the bot in any case. It keeps an honest author from mistakes that a replay would show.
 */
export class Sandbox implements OwnCode {
  readonly #factory: unknown;
  readonly #invoke: Invoke;
  readonly #slot: { work: () => void } = { work: () => undefined };
  readonly #guard = createContext(this.#slot);
  readonly #guarded = new Script('work()', { filename: 'own-strategy' });
  #lines: SourceMap | undefined;

  /** Throws when the code does not parse. */
  constructor(private readonly module: CompiledModule) {
    const context = createContext(constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } });
    const script = new Script(`(function (exports) {${module.js}\n})`, { filename: module.file });
    this.#factory = script.runInContext(context);
    this.#invoke = new Script(SANDBOX_SOURCE, { filename: 'sandbox' }).runInContext(context) as Invoke;
  }

  call(method: OwnCall, request: object, ask: AskMarket): unknown {
    const text = JSON.stringify(request);
    const reply = this.#run(() => this.#invoke(this.#factory, method, text, (question) => ask(JSON.parse(question))));
    const { value, error } = JSON.parse(reply) as {
      readonly value?: unknown;
      readonly error?: { readonly message: string; readonly stack: string };
    };
    if (error === undefined) return value;
    throw ownCodeFailed('STRATEGY_THREW', `${this.#placeOf(error.stack)}: ${error.message}`);
  }

  #run(work: () => string): string {
    let reply = '';
    this.#slot.work = () => {
      reply = work();
    };
    try {
      this.#guarded.runInContext(this.#guard, { timeout: CALL_MS });
    } catch (error) {
      if (systemErrorCode(error) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw ownCodeFailed('STRATEGY_TIMEOUT', `${this.module.file}: it did not answer within ${CALL_MS} ms`);
    } finally {
      this.#slot.work = () => undefined;
    }
    return reply;
  }

  /** File and line of the first frame of the module, as its author wrote it. */
  #placeOf(stack: string): string {
    const { file, map } = this.module;
    const [, line, column] = new RegExp(`${file.replace(/[.]/g, '\\.')}:(\\d+):(\\d+)`).exec(stack) ?? [];
    if (line === undefined || column === undefined) return file;
    this.#lines ??= new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]);
    const entry = this.#lines.findEntry(Number(line) - 1, Number(column) - 1);
    return 'originalLine' in entry ? `${file}:${entry.originalLine + 1}` : file;
  }
}
