import { readFileSync, statSync } from 'node:fs';
import type { BotState } from '../../../domain/lifecycle/bot-state.js';
import { TradeBotError } from '../../../kernel/errors.js';
import { conflict, unprocessable, type FieldFault } from '../common/problem.js';
import { plainErrorOf } from '../../ipc/plain-error.js';
import type { CheckServer } from '../../../app/provisioning/server-journal.js';
import { journalOf, type SetupForm } from '../../../app/provisioning/setup-form.js';
import type { JournalChecked } from '../../../domain/journal-check/findings.js';
import { composeBotIdentity } from '../../../kernel/identity.js';
import type { Ask, PlainError } from '../../ipc/messages.js';

/** What a form must be; the provisioning decides the same way. */
export interface SetupRules {
  readonly defaults: SetupForm;
  /** Directory outside the home that is proposed for copies of the seals. */
  readonly sealAnchor: string;
  /** The account of the form in words: whether orders move real money; empty for an unknown broker. */
  account(form: SetupForm): string;
  /** Every fault of the form at once; empty when it can be sent. */
  check(form: SetupForm): readonly FieldFault[];
}

export interface SetupServiceOptions {
  readonly rules: SetupRules;
  readonly state: () => BotState;
  /** Looks at a journal server. */
  readonly checkServer: CheckServer;
  /** A question to main; throws TradeBotError. */
  readonly ask: <T>(ask: Ask, withinMs?: number) => Promise<T>;
  /** provisioning_status.json. */
  readonly statusFile: string;
}

export interface SetupStatus {
  readonly state: BotState;
  readonly running: boolean;
  readonly progress: { readonly percent: number; readonly step: string };
  readonly error: Pick<PlainError, 'code' | 'message' | 'remedy'> | null;
}

const NEEDED_BY_CHECK = /^(identity\.|journalServer\.|settings\.JOURNAL_URL$)/;
const LARGEST_STATUS_BYTES = 64 * 1_024;
const ACTOR = 'user:setup';

/** Validates the form of the set-up, has a worker execute it (SEC-6), and reports the progress. */
export class SetupService {
  #running = false;
  #error: SetupStatus['error'] = null;
  #checksServer = false;

  constructor(private readonly options: SetupServiceOptions) {}

  get rules(): SetupRules {
    return this.options.rules;
  }

  status(): SetupStatus {
    const { percent, step, error } = readProgress(this.options.statusFile);
    const failed = this.#running ? null : (this.#error ?? error);
    return { state: this.options.state(), running: this.#running, progress: { percent, step }, error: failed };
  }

  /** What is left out is the default's. */
  formOf(given: { readonly [K in keyof SetupForm]?: SetupForm[K] | undefined }): SetupForm {
    const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return { ...this.options.rules.defaults, ...set };
  }

  /**
   * Starts the set-up; `status` reports its progress. Throws a Problem 422 with every fault of the form, 409 while another one runs.
   * The values go to main over the line between the processes, and nowhere else.
   */
  begin(form: SetupForm): void {
    const faults = this.options.rules.check(form);
    if (faults.length > 0) throw unprocessable(faults);
    if (this.#running) {
      throw conflict('SETUP_RUNS', 'A set-up is already running.', 'Wait for it on the set-up page.', {
        script: 'Follow it at GET /api/setup.',
      });
    }
    this.#running = true;
    this.#error = null;
    void this.#run(form);
  }

  /**
   * Looks at the journal server of the form; nothing is stored. Throws a Problem 422 with the faults of the fields that it
   * needs, 409 while another look runs: each may take its time.
   */
  async checkJournal(form: SetupForm): Promise<JournalChecked> {
    const { rules, checkServer } = this.options;
    const faults = rules.check(form).filter(({ field }) => NEEDED_BY_CHECK.test(field));
    if (faults.length > 0) throw unprocessable(faults);
    if (this.#checksServer) {
      throw conflict('JOURNAL_CHECK_RUNS', 'A check of the journal server is already running.', 'Wait for its end.');
    }
    this.#checksServer = true;
    try {
      const { ok, findings } = await checkServer(journalOf(form, new Map()), composeBotIdentity(form.identity));
      return { ok, findings };
    } finally {
      this.#checksServer = false;
    }
  }

  async #run(form: SetupForm): Promise<void> {
    try {
      await this.options.ask({ ask: 'worker', task: { task: 'provision', form, actor: ACTOR } }, WITHIN_MS);
    } catch (error) {
      this.#error = publicErrorOf(error);
    } finally {
      this.#running = false;
    }
  }
}

/** A slow disk takes its time over a dozen fsyncs; main bounds the worker itself. */
const WITHIN_MS = 180_000;

function publicErrorOf(error: unknown): NonNullable<SetupStatus['error']> {
  const { code, message, remedy } = plainErrorOf(error instanceof TradeBotError ? error : new Error('unexpected'));
  return { code, message, remedy };
}

interface Progress {
  readonly percent: number;
  readonly step: string;
  readonly error: SetupStatus['error'];
}

const NONE: Progress = { percent: 0, step: '', error: null };

/** The file is replaced whole; what cannot be read counts as no progress yet. */
function readProgress(path: string): Progress {
  let value: unknown;
  try {
    if (statSync(path).size > LARGEST_STATUS_BYTES) return NONE;
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return NONE;
  }
  if (typeof value !== 'object' || value === null) return NONE;
  const { percent, step, ...more } = value as Readonly<Record<string, unknown>>;
  return {
    percent: typeof percent === 'number' && percent >= 0 && percent <= 100 ? Math.floor(percent) : 0,
    step: typeof step === 'string' ? step.slice(0, 100) : '',
    error: failureOf(more),
  };
}

function failureOf({ state, code, text, remedy }: Readonly<Record<string, unknown>>): SetupStatus['error'] {
  if (state !== 'failed' || typeof text !== 'string' || typeof remedy !== 'string') return null;
  return { code: typeof code === 'string' ? code : 'SETUP_FAILED', message: text, remedy };
}
