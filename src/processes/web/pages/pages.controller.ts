import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public, ServedIn } from '../common/access.js';
import { AnswersWith } from '../common/answers.js';
import { NotDescribed } from '../common/described.js';
import { notFound } from '../common/problem.js';
import { sendFixed, type FixedFile } from '../common/fixed-file.js';
import { PAGE_FILES } from './tokens.js';

/** Addresses that a person may open or reload; the script in the page shows what belongs there. */
const PAGE_ADDRESSES = [
  '/',
  '/setup',
  '/register',
  '/login',
  '/reset',
  '/books',
  '/decisions',
  '/strategies',
  '/settings',
  '/users',
  '/tests',
  '/log',
  '/account',
];

const NO_DATA = 'the pages contain no data: it comes from endpoints that require a log-in';

@NotDescribed()
@Controller()
@ServedIn('always')
@Public(NO_DATA)
export class PagesController {
  constructor(@Inject(PAGE_FILES) private readonly files: ReadonlyMap<string, FixedFile>) {}

  @Get(PAGE_ADDRESSES)
  @AnswersWith('text/html', 'The page.')
  page(@Req() request: Request, @Res() response: Response): void {
    this.#send('index.html', request, response);
  }

  @Get('assets/*path')
  @AnswersWith('text/plain', 'A script, style or picture of the pages.')
  asset(@Req() request: Request, @Res() response: Response): void {
    this.#send(request.path.slice(1), request, response);
  }

  /** Names are looked up in a table that was read at the start: no path of a request reaches the disk. */
  #send(name: string, request: Request, response: Response): void {
    const file = this.files.get(name);
    if (file === undefined) throw notFound('such file');
    response.set('Cache-Control', 'no-cache');
    sendFixed(request, response, file);
  }
}
