import { Controller, Get, Inject, Post } from '@nestjs/common';
import { projectionNames } from '../../../adapters/projection-targets/read-checkpoint.js';
import { parseProjection } from '../../../app/projector/projection-names.js';
import type { Principal } from '../../../app/access/principal.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input, PathInput } from '../common/input.js';
import { Me } from '../common/principal.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { beginTask, newestTasks, taskOf } from './book-tasks.js';
import { BookTaskAnswer, BookTasksAnswer, ProjectionInput } from './books.dto.js';

const TASK = /^[0-9a-f-]{36}$/;
const ALL = 'all';

/** Work on the books while the bot runs: each answers at once with a task, whose outcome is read by its id. */
@Tag('books')
@Controller('api/books')
@ServedIn('dashboard')
export class BooksController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('tasks')
  @Needs('verify')
  @Answers(200, BookTasksAnswer, 'Lists the newest tasks of the books and how they ended.')
  async tasks(): Promise<BookTasksAnswer> {
    const { output, storage } = this.context.open().paths;
    const files = [output.ledgerDb, output.coaDb, output.floatLedgerDb, storage.projectionsDb];
    return { tasks: await newestTasks(this.context), projections: projectionNames(files) };
  }

  @Get('tasks/:id')
  @Needs('verify')
  @Answers(200, BookTaskAnswer, 'Returns how a task stands, or how it ended.')
  task(@PathInput('id', TASK, 'taskId of a task') id: string): Promise<BookTaskAnswer> {
    return taskOf(this.context, id);
  }

  @Post('seal')
  @Needs('maintenance')
  @Answers(202, BookTaskAnswer, 'Signs the head of the journal now, as the end of each session does.')
  seal(@Me() me: Principal): Promise<BookTaskAnswer> {
    return beginTask(this.context, { kind: 'seal' }, me);
  }

  @Post('rebuild')
  @Needs('maintenance')
  @Answers(202, BookTaskAnswer, 'Rebuilds the files of a projection, or of all, from the journal, and swaps them in.')
  async rebuild(@Me() me: Principal, @Input(ProjectionInput) { name = ALL }: ProjectionInput): Promise<BookTaskAnswer> {
    return beginTask(this.context, { kind: 'rebuild', name: parseProjection(name) }, me);
  }

  @Post('check')
  @Needs('verify')
  @Answers(202, BookTaskAnswer, 'Rebuilds files aside and says which of those in use differ; changes none of them.')
  async check(@Me() me: Principal, @Input(ProjectionInput) { name = ALL }: ProjectionInput): Promise<BookTaskAnswer> {
    return beginTask(this.context, { kind: 'check', name: parseProjection(name) }, me);
  }

  @Post('verify')
  @Needs('verify')
  @Answers(
    202,
    BookTaskAnswer,
    'Verifies the hash chain of the whole journal, its seals, their copies and the exports.',
  )
  verify(@Me() me: Principal): Promise<BookTaskAnswer> {
    return beginTask(this.context, { kind: 'verify' }, me);
  }
}

@Tag('books')
@Controller('api/backups')
@ServedIn('dashboard')
@Needs('maintenance')
export class BackupsController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Post()
  @Answers(202, BookTaskAnswer, 'Makes a verified copy of the journal in backups/ of the home.')
  backup(@Me() me: Principal): Promise<BookTaskAnswer> {
    return beginTask(this.context, { kind: 'backup' }, me);
  }
}
