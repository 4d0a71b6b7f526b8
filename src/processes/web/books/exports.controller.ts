import { basename } from 'node:path';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { openChecked, type CheckedFile } from '../../../adapters/files/open-checked.js';
import { wantedExport } from '../../../app/exports/wanted-export.js';
import { journaledExport, newestExports, type JournaledExport } from '../../../app/web-queries/journaled-exports.js';
import type { Principal } from '../../../app/access/principal.js';
import { exchangeDateOf } from '../../../domain/calendar/nyse.js';
import type { ExportFormat } from '../../../domain/home/home-paths.js';
import type { Position } from '../../../events/event.js';
import { TradeBotError } from '../../../kernel/errors.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers, AnswersWith } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { Input, PathInput, QueryInput } from '../common/input.js';
import { badCursor, DEFAULT_PAGE, makeCursor, pageOf, readCursor } from '../common/paging.js';
import { Me } from '../common/principal.js';
import { conflict, notFound } from '../common/problem.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { actorName } from '../control/user-names.js';
import { beginTask } from './book-tasks.js';
import {
  BookTaskAnswer,
  EXPORT_FORMAT_SHAPE,
  EXPORT_NAME_SHAPE,
  ExportInput,
  ExportsAnswer,
  ExportsQuery,
} from './books.dto.js';

const MEDIA: Readonly<Record<ExportFormat, string>> = {
  ofx: 'application/x-ofx',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  hledger: 'text/plain; charset=utf-8',
  beancount: 'text/plain; charset=utf-8',
};

/** The books for other programs (ACC-70 to 72), without stopping anything. */
@Tag('books')
@Controller('api/exports')
@ServedIn('dashboard')
@Needs('exports')
export class ExportsController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Post()
  @Answers(
    202,
    BookTaskAnswer,
    'Exports a session or a range of days; GET /api/books/tasks/{id} says when it is there.',
  )
  make(@Me() me: Principal, @Input(ExportInput) { format, session, from, to }: ExportInput): Promise<BookTaskAnswer> {
    const last = to === 'now' ? exchangeDateOf(this.context.clock.now()) : to;
    const wanted = wantedExport({ session, from, to: last });
    return beginTask(this.context, { kind: 'export', format, wanted }, me);
  }

  @Get()
  @Answers(200, ExportsAnswer, 'Lists the exports that the journal has, newest first.')
  async exports(@QueryInput(ExportsQuery) { limit = DEFAULT_PAGE, cursor }: ExportsQuery): Promise<ExportsAnswer> {
    const [before] = readCursor('exports', cursor, 1) ?? [];
    const asked = { limit: limit + 1, before: before === undefined ? undefined : (String(before) as Position) };
    const found = await newestExports(this.context.open().journal, asked).catch((error: unknown) => {
      throw error instanceof TradeBotError && error.code === 'BAD_POSITION' ? badCursor() : error;
    });
    const { items, nextCursor } = pageOf(found, limit, ({ position }) => makeCursor('exports', [position]));
    return { items: await Promise.all(items.map((one) => this.#answer(one))), nextCursor };
  }

  @Get(':format/:name')
  @AnswersWith('application/octet-stream', 'Downloads an export, after its bytes were compared with the journal.')
  async download(
    @PathInput('format', EXPORT_FORMAT_SHAPE, 'format of the export') format: ExportFormat,
    @PathInput('name', EXPORT_NAME_SHAPE, 'name of the export') name: string,
    @Res() response: Response,
  ): Promise<void> {
    const { path, sha256, file } = await this.#open(format, name);
    response.status(200).set({
      'Content-Type': MEDIA[format],
      'Content-Length': String(file.bytes),
      'Content-Disposition': `attachment; filename="${basename(path)}"`,
      'Repr-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
      'Cache-Control': 'no-store',
    });
    try {
      await pipeline(file.content, response);
    } catch (error) {
      this.context.log.note('warn', `download of ${basename(path)} ended early: ${String(error)}`);
      response.destroy();
    }
  }

  async #open(format: ExportFormat, name: string): Promise<{ path: string; sha256: string; file: CheckedFile }> {
    const { paths, journal } = this.context.open();
    const found = await journaledExport(journal, format, name);
    if (found === undefined) {
      throw notFound('such export', 'The page of exports lists those that there are.', {
        script: 'GET /api/exports lists those that there are.',
      });
    }
    const path = paths.exportFile(format, name);
    const file = await openChecked(path, found.sha256);
    if (file === 'missing') {
      throw conflict(
        'EXPORT_MISSING',
        `${basename(path)} is not there now.`,
        'Rebuild the exports: they are made again.',
      );
    }
    if (file === 'differs') {
      throw conflict(
        'EXPORT_CHANGED',
        `${basename(path)} has other bytes than the journal says: it was changed after it was made.`,
        'Move the file away and rebuild the exports: the original is made again.',
      );
    }
    return { path, sha256: found.sha256, file };
  }

  async #answer(one: JournaledExport): Promise<ExportsAnswer['items'][number]> {
    const { format, name, range, upTo, sha256, at, actor } = one;
    const path = this.context.open().paths.exportFile(format, name);
    const facts = await stat(path).catch(() => undefined);
    return {
      ...{ format, name, upTo, sha256, at, from: range.from, to: range.to },
      fileName: basename(path),
      byName: actorName(this.context, actor),
      bytes: facts?.isFile() === true ? facts.size : null,
      href: `/api/exports/${format}/${name}`,
    };
  }
}
