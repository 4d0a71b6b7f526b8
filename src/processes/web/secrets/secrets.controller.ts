import { Controller, Get, Inject, Post, Put } from '@nestjs/common';
import type { SecretFileName } from '../../../ports/vault.js';
import type { Principal } from '../../../app/access/principal.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input, PathInput } from '../common/input.js';
import { Me } from '../common/principal.js';
import { unprocessable } from '../common/problem.js';
import type { WorkerTask } from '../../ipc/messages.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { EDITABLE_SECRETS, remoteFaults, secretFaults, secretsFacts } from './secret-facts.js';
import { DestroyEarlierInput, RotationAnswer, SecretInput, SecretsAnswer } from './secrets.dto.js';

/** Secrets go in and never out: a worker that main launches writes them. */
@Tag('secrets')
@Controller('api/secrets')
@ServedIn('dashboard')
@Needs('secrets')
export class SecretsController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Answers(200, SecretsAnswer, 'Lists which secrets are set, never their values.')
  secrets(): Promise<SecretsAnswer> {
    return secretsFacts(this.context.open());
  }

  @Put(':name')
  @Answers(200, RotationAnswer, 'Sets fields of a secret; all files are encrypted again with new keys.')
  async save(
    @Me() me: Principal,
    @PathInput('name', new RegExp(`^(${EDITABLE_SECRETS.join('|')})$`), 'a secret') name: SecretFileName,
    @Input(SecretInput) { fields }: SecretInput,
  ): Promise<RotationAnswer> {
    const faults = [...secretFaults(name, fields), ...remoteFaults(name, fields, this.context.init.web)];
    if (faults.length > 0) throw unprocessable(faults);
    return this.#byWorker({ task: 'save-secret', name, fields, actor: me.actor });
  }

  @Post('rotate')
  @Answers(200, RotationAnswer, 'Rotates all keys.')
  rotate(@Me() me: Principal): Promise<RotationAnswer> {
    return this.#byWorker({ task: 'rotate', actor: me.actor, reason: 'asked for on the settings page' });
  }

  @Post('destroy-earlier')
  @Answers(200, RotationAnswer, 'Rotates all keys and destroys every earlier generation with what was stored in it.')
  destroyEarlier(
    @Me() me: Principal,
    @Input(DestroyEarlierInput) { reason }: DestroyEarlierInput,
  ): Promise<RotationAnswer> {
    return this.#byWorker({ task: 'destroy-earlier', actor: me.actor, reason });
  }

  /** Drops what the API description does not declare. */
  async #byWorker(task: WorkerTask): Promise<RotationAnswer> {
    const { generation, categories } = await this.context.ask<RotationAnswer>({ ask: 'worker', task });
    return { generation, categories };
  }
}
