import { pipeline } from 'node:stream/promises';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { logFacts, openLog, readLog } from '../../../adapters/log-files/log-files.js';
import { may, type Principal } from '../../../app/access/principal.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers, AnswersWith } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { PathInput, QueryInput } from '../common/input.js';
import { Me } from '../common/principal.js';
import { notFound } from '../common/problem.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { LogLinesAnswer, LogQueryInput, LogsAnswer } from './logs.dto.js';
import { visibleLogs, type VisibleLog } from './visible-logs.js';

const DEFAULT_LINES = 200;
const NAME = /^[a-z_]{1,60}$/;

@Tag('logs')
@Controller('api/logs')
@ServedIn('dashboard')
@Needs('read')
export class LogsController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Answers(200, LogsAnswer, 'Lists the logs that the user may read.')
  async logs(@Me() me: Principal): Promise<LogsAnswer> {
    const mine = [...this.#table().values()].filter(({ audience }) => may(me, audience));
    return { logs: await Promise.all(mine.map(async ({ name, path }) => ({ name, ...(await logFacts(path)) }))) };
  }

  @Get(':name')
  @Answers(200, LogLinesAnswer, 'Reads the last lines of a log, older lines, or lines that contain a text.')
  async lines(
    @Me() me: Principal,
    @PathInput('name', NAME, 'a name of GET /api/logs') name: string,
    @QueryInput(LogQueryInput) { tail = DEFAULT_LINES, search, cursor }: LogQueryInput,
  ): Promise<LogLinesAnswer> {
    const { path } = this.#of(name, me);
    return { name, ...(await readLog(path, { lines: tail, search, before: cursor })) };
  }

  @Get(':name/download')
  @AnswersWith('text/plain', 'Downloads the whole log.')
  async download(
    @Me() me: Principal,
    @PathInput('name', NAME, 'a name of GET /api/logs') name: string,
    @Res() response: Response,
  ): Promise<void> {
    const { bytes, content } = await openLog(this.#of(name, me).path);
    response.status(200).set({
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': String(bytes),
      'Content-Disposition': `attachment; filename="${name}.log"`,
      'Cache-Control': 'no-store',
    });
    try {
      await pipeline(content, response);
    } catch (error) {
      // The client went away, or the file shrank below the announced length: the answer is cut off.
      this.context.log.note('warn', `download of ${name} ended early: ${String(error)}`);
      response.destroy();
    }
  }

  #table(): ReadonlyMap<string, VisibleLog> {
    return visibleLogs(this.context.base, this.context.open().paths);
  }

  /** A log that the user may not read is treated as missing. */
  #of(name: string, me: Principal): VisibleLog {
    const log = this.#table().get(name);
    if (log === undefined || !may(me, log.audience))
      throw notFound('such log', 'Choose one of the list.', { script: 'GET /api/logs lists the available logs.' });
    return log;
  }
}
