import { Controller, Get, Inject, Put } from '@nestjs/common';
import type { Principal } from '../../../app/access/principal.js';
import { readInverseEtfs, refuseList } from '../../../app/settings/inverse-etfs.js';
import { STREAMS } from '../../../events/streams.js';
import { readTuning } from '../../../app/web-queries/read-tuning.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input } from '../common/input.js';
import { Me } from '../common/principal.js';
import { actorName } from '../control/user-names.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import {
  InverseEtfsAnswer,
  InverseEtfsInput,
  InverseEtfsSavedAnswer,
  OwnStrategiesAnswer,
  TuningAnswer,
} from './strategies.dto.js';

/** Own strategies, what settings made, and the list of inverse ETFs (TRD-23, TRD-24, TRD-37). */
@Tag('journal')
@Controller('api/strategies')
@ServedIn('dashboard')
export class StrategiesController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('own')
  @Needs('read')
  @Answers(
    200,
    OwnStrategiesAnswer,
    'Returns the own strategies that the bot found at its start, and those that it refused.',
  )
  async own(): Promise<OwnStrategiesAnswer> {
    const { journal } = this.context.open();
    const [last] = await journal.readStream(STREAMS.ownStrategies, { direction: 'backwards', limit: 1 });
    if (last?.type !== 'OwnStrategiesFound') return { strategies: [], refused: [] };
    const { strategies, refused } = last.data;
    return {
      strategies: strategies.map(({ name, description, file, sha256 }) => ({ name, description, file, sha256 })),
      refused: refused.map(({ name, where, cause, remedy }) => ({ name, where, cause, remedy })),
    };
  }

  @Get('tuning')
  @Needs('read')
  @Answers(200, TuningAnswer, 'Returns what each value of each setting of a strategy made, of all sessions.')
  async tuning(): Promise<TuningAnswer> {
    return { rows: await readTuning(this.context.open().journal) };
  }

  @Get('inverse-etfs')
  @Needs('read')
  @Answers(200, InverseEtfsAnswer, 'Returns the list of inverse ETFs in force.')
  async inverseEtfs(): Promise<InverseEtfsAnswer> {
    const { journal } = this.context.open();
    const list = await readInverseEtfs(journal);
    return { ...list, by: list.by === null ? null : actorName(this.context, list.by) };
  }

  @Put('inverse-etfs')
  @Needs('settings')
  @Answers(200, InverseEtfsSavedAnswer, 'Replaces the list of inverse ETFs, with a reason.')
  async save(@Me() me: Principal, @Input(InverseEtfsInput) request: InverseEtfsInput): Promise<InverseEtfsSavedAnswer> {
    const { version, entries, reason } = request;
    await refuseList(this.context.open().journal, request);
    return this.context.ask<InverseEtfsSavedAnswer>({
      ask: 'worker',
      task: { task: 'inverse-etfs', request: { version, entries, reason }, actor: me.actor },
    });
  }
}
