import { isSettingUp } from '../../domain/lifecycle/bot-state.js';
import type { Actor } from '../../events/event.js';
import type { Draft } from '../../events/draft.js';
import { STREAMS } from '../../events/streams.js';
import { EventAppender } from '../journal/event-appender.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { composeBotIdentity, type BotIdentity } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { HomeDatabase, HomeMaker, ProgressReport } from '../../ports/provisioning.js';
import { KEY_CATEGORIES, type Vault } from '../../ports/vault.js';
import { isEmbedded } from '../../domain/config/journal-address.js';
import { bootstrap } from './bootstrap.js';
import { refuseOtherSetup, refuseUnfitServer, setupCorrelation, type CheckServer } from './server-journal.js';
import { describeGeneration, storePlan } from './store-plan.js';
import { planOf, type SetupForm, type SetupPlan } from './setup-form.js';

export interface ProvisioningDeps {
  readonly home: HomeMaker;
  readonly vault: Vault;
  readonly databases: readonly HomeDatabase[];
  readonly progress: ProgressReport;
  readonly checkServer: CheckServer;
  readonly clock: Clock;
  readonly actor: Actor;
  readonly versionTag: string;
  /** Called after every step, with its name: tests crash the process there. */
  readonly onStep?: (step: string) => void;
}

export interface Provisioned {
  readonly identity: BotIdentity;
  readonly generation: number;
}

/** How far an earlier set-up came, by vault and journal. */
type Stage = 'fresh' | 'stored' | 'completed';

/**
 * The first set-up of a home (SEC-6): keys, secrets and configuration as one atomic step, then marker, journal, chart
 * of accounts and databases, up to the state `registration`. Finished steps are skipped, so after a crash the same call
 * resumes; before the first generation of the vault is current nothing of the form is stored. Throws ConfigError,
 * having changed nothing: SETUP_INVALID, JOURNAL_CHECK_FAILED, JOURNAL_IDENTITY_TAKEN, ALREADY_PROVISIONED, HOME_TRADED_WITHOUT_SETUP, VAULT_MISSING, HOME_OTHER_BOT.
 * Every failure is in the progress report too.
 */
export async function provision(deps: ProvisioningDeps, form: SetupForm): Promise<Provisioned> {
  const steps = new Steps(deps);
  try {
    const plan = planOf(form, deps.versionTag);
    steps.done('form', 5, 'the form has no faults');
    const server = { address: plan.journal, identity: plan.identity };
    if (!isEmbedded(plan.journal)) {
      await refuseUnfitServer(deps, server);
      steps.done('journal server', 15, 'the journal server can be used');
    }
    const stage = await stageOf(deps, plan);
    if (stage !== 'completed') {
      const stored = storePlan(deps.vault, plan);
      steps.done('vault', 30, describeGeneration(stored));
    }
    deps.home.make(plan.identityParts);
    steps.done('home', 40, `folders of ${plan.identity}`);
    const journal = await deps.home.openJournal(plan.journal, plan.identity);
    try {
      await record(deps, { journal, plan, steps, stage });
      await bootstrap({ ...deps, journal, identity: plan.identity, onProgress: (...step) => steps.done(...step) });
    } finally {
      await journal.close();
    }
    steps.end();
    return { identity: plan.identity, generation: deps.vault.generation() ?? 0 };
  } catch (error) {
    steps.failed(error);
    throw error;
  }
}

class Steps {
  #at = { step: 'form', percent: 0 };

  constructor(private readonly deps: Pick<ProvisioningDeps, 'progress' | 'onStep'>) {}

  done(step: string, percent: number, text: string): void {
    this.#at = { step, percent };
    this.deps.progress.report({ state: 'running', percent, step, text, remedy: null, code: null });
    this.deps.onStep?.(step);
  }

  end(): void {
    const text = 'the home is set up; the first administrator registers next';
    this.deps.progress.report({ state: 'done', percent: 100, step: 'registration', text, remedy: null, code: null });
  }

  failed(error: unknown): void {
    const known = error instanceof TradeBotError;
    this.deps.progress.report({
      state: 'failed',
      ...this.#at,
      text: known ? error.message : 'an unexpected error',
      remedy: known ? error.remedy : 'See the log of main, then run the set-up again.',
      code: known ? error.code : 'UNEXPECTED',
    });
  }
}

async function stageOf(deps: ProvisioningDeps, plan: SetupPlan): Promise<Stage> {
  const owner = deps.home.owner();
  if (owner !== undefined && composeBotIdentity(owner) !== plan.identity) {
    throw configError({
      code: 'HOME_OTHER_BOT',
      message: `this is the home of ${composeBotIdentity(owner)}, not of ${plan.identity}`,
      remedy: 'Enter the codes of that bot, or set this one up in another --home.',
    });
  }
  const stored = deps.vault.generation() !== undefined;
  if (!deps.home.hasJournal(plan.identity)) return stored ? 'stored' : 'fresh';
  const journal = await deps.home.openJournal(plan.journal, plan.identity);
  try {
    return await stageByJournal(deps, journal, plan.identity, stored);
  } finally {
    await journal.close();
  }
}

async function stageByJournal(
  deps: ProvisioningDeps,
  journal: Journal,
  identity: BotIdentity,
  stored: boolean,
): Promise<Stage> {
  const completed = (await journal.readStream(STREAMS.provisioning)).some(
    ({ type }) => type === 'ProvisioningCompleted',
  );
  if (completed && !stored) {
    throw configError({
      code: 'VAULT_MISSING',
      message: `the home of ${identity} was set up, but its keys and secrets are missing`,
      remedy: 'Restore storage/vault from a backup of the home; a new set-up could not decrypt its data.',
    });
  }
  const state = await scribeOf(deps, journal, identity).botState();
  if (isSettingUp(state)) {
    return completed ? 'completed' : stored ? 'stored' : 'fresh';
  }
  if (completed) {
    throw configError({
      code: 'ALREADY_PROVISIONED',
      message: `the home of ${identity} is already set up (state ${state})`,
      remedy: 'Change settings and secrets on their pages; to start over, use another --home.',
    });
  }
  throw configError({
    code: 'HOME_TRADED_WITHOUT_SETUP',
    message: `the home of ${identity} has traded with \`tradebot day\`, without keys and secrets of its own`,
    remedy: 'Set the bot up in another --home; this one stays unchanged.',
  });
}

function scribeOf(deps: ProvisioningDeps, journal: Journal, identity: BotIdentity): EventAppender {
  return new EventAppender({ journal, clock: deps.clock, identity, actor: deps.actor });
}

interface Recording {
  readonly journal: Journal;
  readonly plan: SetupPlan;
  readonly steps: Steps;
  readonly stage: Stage;
}

/** The events of the set-up up to ProvisioningCompleted; existing ones are not written again. */
async function record(deps: ProvisioningDeps, { journal, plan, steps, stage }: Recording): Promise<void> {
  if (stage === 'completed') return;
  const appender = scribeOf(deps, journal, plan.identity);
  const correlation = setupCorrelation(deps, plan.journal);
  const draft = (event: Unbound<SetupEvent>): Draft => ({ ...event, correlationId: correlation, causationId: null });
  await appender.decide(STREAMS.provisioning, async (last) => {
    await refuseOtherSetup(journal, last, correlation, { address: plan.journal, identity: plan.identity });
    return [draft({ type: 'ProvisioningStarted', data: { resumed: last !== undefined || stage === 'stored' } })];
  });
  if ((await appender.botState()) === 'initialize')
    await appender.changeBotState('provisioning', 'the set-up form was submitted');
  steps.done('journal', 50, 'the journal is open');
  const generation = deps.vault.generation() ?? 0;
  const recorded = new Set(
    (await journal.readStream(STREAMS.provisioning)).flatMap((event) =>
      event.type === 'ProvisioningStepDone' ? [event.data.step] : [],
    ),
  );
  const made = [
    { step: 'vault', detail: `${KEY_CATEGORIES.length} keys, generation ${generation}` },
    { step: 'home', detail: 'folders and marker' },
  ].filter(({ step }) => !recorded.has(step));
  await appender.append(
    STREAMS.provisioning,
    made.map((data) => draft({ type: 'ProvisioningStepDone', data })),
  );
  const { broker, openingFloat, symbols } = plan;
  await appender.append(STREAMS.provisioning, [
    draft({
      type: 'ProvisioningCompleted',
      data: { generation, categories: [...KEY_CATEGORIES], broker, openingFloat, symbols: [...symbols] },
    }),
  ]);
  steps.done('recorded', 60, 'keys, secrets and settings are in place');
}

type SetupEvent = 'ProvisioningStarted' | 'ProvisioningStepDone' | 'ProvisioningCompleted';
type Unbound<T extends SetupEvent> = { [K in T]: Pick<Draft<K>, 'type' | 'data'> }[T];
