import { Controller, Get, Inject, Post } from '@nestjs/common';
import { writeFlag } from '../../../adapters/flags/write-flag.js';
import { allowedCommands, sentence } from '../../../app/web-queries/allowed-commands.js';
import { JournalPages, type FlagOutcome } from '../../../app/web-queries/journal-pages.js';
import { ProtectionsJournal } from '../../../app/risk/protections-journal.js';
import { PROTECTIONS, resetRefusal, type Protection, type ProtectionsNow } from '../../../domain/risk/protections.js';
import { BOT_STATES, type ControlCommand } from '../../../domain/lifecycle/bot-state.js';
import { may, type Principal } from '../../../app/access/principal.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input } from '../common/input.js';
import { Me } from '../common/principal.js';
import { conflict } from '../common/problem.js';
import type { WebContext } from '../web-context.js';
import { isLoopback } from '../listening.js';
import { keyWarning } from '../secrets/secret-facts.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebInit } from '../../ipc/messages.js';
import {
  ControlAnswer,
  FlagAnswer,
  KillInput,
  ResetAnswer,
  ResetInput,
  type FlagOutcomeAnswer,
  type ProtectionAnswer,
} from './control.dto.js';
import { userName, withUserNames } from './user-names.js';

const FLAGS_SHOWN = 5;

/** Start, stop and kill: the web only sets a flag, main obeys it (WEB-3). */
@Tag('control')
@Controller('api/control')
@ServedIn('dashboard')
export class ControlController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Needs('read')
  @Answers(200, ControlAnswer, 'Returns the state of the bot, the allowed commands and the outcomes of the last flags.')
  async control(@Me() me: Principal): Promise<ControlAnswer> {
    const pages = new JournalPages(this.context.open().journal);
    const [now, flags, protections] = await Promise.all([pages.state(), pages.flags(FLAGS_SHOWN), this.#protections()]);
    const failures = now.state === 'error' ? await pages.checkFailures() : [];
    return {
      ...now,
      stage: BOT_STATES[now.state].stage,
      reason: withUserNames(this.context, now.reason),
      commands: allowedCommands(now.state, { killTripped: protections.on['kill-switch'] !== undefined }),
      protections: PROTECTIONS.map((what) => protectionAnswer(protections, what)),
      flags: flags.map((flag) => this.#named(flag)),
      failures,
      warnings: this.#warnings(me),
    };
  }

  @Post('start')
  @Needs('control')
  @Answers(202, FlagAnswer, 'Requests a start: a stopped bot, or one in error, resumes.')
  start(@Me() me: Principal): Promise<FlagAnswer> {
    return this.#set('start', me);
  }

  @Post('stop')
  @Needs('control')
  @Answers(202, FlagAnswer, 'Requests a stop: strategies stop, positions are closed in order.')
  stop(@Me() me: Principal): Promise<FlagAnswer> {
    return this.#set('stop', me);
  }

  @Post('kill')
  @Needs('control')
  @Answers(202, FlagAnswer, 'Requests a kill: all orders are cancelled and all positions closed immediately.')
  kill(@Me() me: Principal, @Input(KillInput) _confirmed: KillInput): Promise<FlagAnswer> {
    return this.#set('kill', me);
  }

  @Post('reset')
  @Needs('reset-protections')
  @Answers(200, ResetAnswer, 'Resets the kill switch, defense mode or the hold for the clock, with a reason.')
  async reset(@Me() me: Principal, @Input(ResetInput) { what, reason }: ResetInput): Promise<ResetAnswer> {
    return { effect: await this.context.ask<string>({ ask: 'reset', request: { what, reason }, actor: me.actor }) };
  }

  #protections(): Promise<ProtectionsNow> {
    return new ProtectionsJournal(this.context.open().journal).now();
  }

  #named(flag: FlagOutcome): FlagOutcomeAnswer {
    return { ...flag, byName: flag.by === null ? null : userName(this.context, flag.by) };
  }

  #warnings(me: Principal): readonly string[] {
    const { web } = this.context.init;
    const keys = may(me, 'secrets') ? keyWarning(this.context.open().vault) : '';
    return [plainWarning(web), keys, this.#rolesWarning()].filter((text) => text !== '');
  }

  #rolesWarning(): string {
    return this.context.open().settings.access().rolesEnabled ? '' : ROLES_OFF;
  }

  async #set(command: ControlCommand, { userId }: Principal): Promise<FlagAnswer> {
    // A kill needs no look at the journal: it must work when that does not answer.
    const killTripped = command === 'start' && (await this.#protections()).on['kill-switch'] !== undefined;
    const { allowed, reason } = allowedCommands(this.context.state, { killTripped })[command];
    if (!allowed)
      throw conflict('COMMAND_NOT_ALLOWED', reason, 'The overview shows which commands the bot takes now.', {
        script: 'See commands in GET /api/control for the allowed commands.',
      });
    const { base, clock } = this.context;
    return {
      flag: writeFlag(command, { control: base.control, clock, by: userId, key: this.context.flagKey }),
      look: '/api/control',
    };
  }
}

function protectionAnswer(now: ProtectionsNow, what: Protection): ProtectionAnswer {
  const on = now.on[what];
  const refusal = resetRefusal(now, what);
  return {
    what,
    on: on !== undefined,
    since: on?.since ?? null,
    cause: on?.cause ?? '',
    resettable: refusal === undefined,
    refusal: refusal === undefined ? '' : `${sentence(refusal.message)} ${refusal.remedy}`,
  };
}

const ROLES_OFF =
  'Roles are switched off (RBAC_ENABLED): everybody who logs in may stop, kill, reset protections and run tests. Switch them on in the settings.';

/** SEC-16. */
function plainWarning(web: WebInit | null): string {
  const host = web?.tls === null ? web.host : '';
  if (host === '' || isLoopback(host)) return '';
  return `The pages are open to ${host} without TLS: passwords cross the network unencrypted. Start with --tls-cert and --tls-key.`;
}
