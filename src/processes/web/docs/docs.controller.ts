import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public, ServedIn } from '../common/access.js';
import { AnswersWith } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { PathInput } from '../common/input.js';
import { notFound } from '../common/problem.js';
import { API_DOCUMENT } from '../tokens.js';
import { fixedFile, sendFixed, type FixedFile } from '../common/fixed-file.js';
import { DOCS_PAGE, DocsFiles } from './docs-files.js';

/** How the description is made, once every endpoint is known. */
export interface ApiDocument {
  describe: (() => Promise<OpenAPIObject>) | undefined;
}

@Tag('docs')
@Controller('api/docs')
@ServedIn('always')
@Public('the API description is the same for every bot and contains no data of this one')
export class DocsController {
  readonly #files = new DocsFiles();
  #description: FixedFile | undefined;

  constructor(@Inject(API_DOCUMENT) private readonly api: ApiDocument) {}

  @Get()
  @AnswersWith('text/html', 'This description as a page.')
  page(@Req() request: Request, @Res() response: Response): void {
    sendFixed(request, response, DOCS_PAGE);
  }

  @Get('openapi.json')
  @AnswersWith('application/json', 'This description as OpenAPI 3.1.')
  async openapi(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { describe } = this.api;
    if (describe === undefined) throw notFound('API description yet');
    this.#description ??= fixedFile('application/json; charset=utf-8', Buffer.from(JSON.stringify(await describe())));
    sendFixed(request, response, this.#description);
  }

  @Get('files/:name')
  @AnswersWith('text/javascript', 'A file of the page.')
  file(
    @PathInput('name', /^[a-z-]{1,30}\.(js|css)$/, 'Name of the file.') name: string,
    @Req() request: Request,
    @Res() response: Response,
  ): void {
    const file = this.#files.file(name);
    if (file === undefined) throw notFound('such file');
    sendFixed(request, response, file);
  }
}
