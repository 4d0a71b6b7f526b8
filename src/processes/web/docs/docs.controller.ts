import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiTags, type OpenAPIObject } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public, ServedIn } from '../common/access.js';
import { AnswersWith } from '../common/answers.js';
import { PathInput } from '../common/input.js';
import { notFound } from '../common/problem.js';
import { API_DOCUMENT } from '../tokens.js';
import { DOCS_PAGE, DocsFiles, type DocsFile } from './docs-files.js';

/** Filled once every endpoint is known. */
export interface ApiDocument {
  document: OpenAPIObject | undefined;
}

@ApiTags('docs')
@Controller('api/docs')
@ServedIn('always')
@Public('the API description is the same for every bot and contains no data of this one')
export class DocsController {
  readonly #files = new DocsFiles();

  constructor(@Inject(API_DOCUMENT) private readonly api: ApiDocument) {}

  @Get()
  @AnswersWith('text/html', 'This description as a page.')
  page(@Res() response: Response): void {
    send(response, DOCS_PAGE);
  }

  @Get('openapi.json')
  @AnswersWith('application/json', 'This description as OpenAPI 3.1.')
  openapi(@Res() response: Response): void {
    if (this.api.document === undefined) throw notFound('API description yet');
    response.status(200).json(this.api.document);
  }

  @Get('files/:name')
  @AnswersWith('text/javascript', 'A file of the page.')
  file(
    @PathInput('name', /^[a-z-]{1,30}\.(js|css)$/, 'Name of the file.') name: string,
    @Res() response: Response,
  ): void {
    const file = this.#files.file(name);
    if (file === undefined) throw notFound('such file');
    send(response, file);
  }
}

function send(response: Response, { type, content }: DocsFile): void {
  response.status(200).set('Content-Type', type).send(content);
}
