import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public, ServedIn } from '../common/access.js';
import { AnswersWith } from '../common/answers.js';
import { APP_ADDRESS, wantsPage } from '../common/app-address.js';
import { NotDescribed } from '../common/described.js';
import { sendFixed } from '../common/fixed-file.js';
import { notFound, Problem } from '../common/problem.js';
import type { FixedAnswers } from '../common/fixed-answers.js';
import { FIXED_ANSWERS, WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { readAppFiles, type AppFile } from './app-files.js';

/** Where set-up puts the built app. */
const FOLDER = 'dist/ui';

const NOT_BUILT = {
  status: 503,
  code: 'APP_NOT_BUILT',
  detail: 'The browser app was not built.',
  remedy:
    'Run npm run build where the bot is installed; it says why the build fails. The bot works without the app: npx tradebot --help lists the commands that start, stop, kill and show it.',
};

/** Their names contain a hash of their content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

@NotDescribed()
@Controller('app')
@ServedIn('always')
@Public('the app contains no data: it comes from endpoints that require a log-in')
export class AppController {
  #files: ReadonlyMap<string, AppFile> | undefined;

  constructor(
    @Inject(WEB_CONTEXT) private readonly context: WebContext,
    @Inject(FIXED_ANSWERS) private readonly answers: FixedAnswers,
  ) {}

  @Get(['', '*path'])
  @AnswersWith('text/html', 'The browser app: its page for every address, and its files below assets/.')
  app(@Req() request: Request, @Res() response: Response): void {
    this.#files ??= readAppFiles(`${this.context.init.root}/${FOLDER}`);
    if (this.#files === undefined) {
      sayNotBuilt(request, response);
      return;
    }
    const name = request.path.slice(APP_ADDRESS.length + 1);
    const isAsset = name.startsWith('assets/');
    // Names are looked up in a table that was read once: no path of a request reaches the disk.
    const file = this.#files.get(isAsset ? name : 'index.html');
    if (file === undefined) throw notFound('such file');
    const asked = request.acceptsEncodings('gzip', 'identity');
    const gzip = asked === 'gzip' ? file.gzip : undefined;
    const headers = {
      Vary: 'Accept-Encoding',
      'Cache-Control': isAsset ? FOR_EVER : 'no-cache',
      ...(gzip === undefined ? {} : { 'Content-Encoding': 'gzip' }),
    };
    response.set(headers);
    this.answers.keep(request, gzip ?? file.plain, headers);
    sendFixed(request, response, gzip ?? file.plain);
  }
}

/** A person gets words, and a program a problem. */
function sayNotBuilt(request: Request, response: Response): void {
  if (!wantsPage(request)) throw new Problem(NOT_BUILT);
  const { status, detail, remedy } = NOT_BUILT;
  response.status(status).type('text/plain').end(`${detail}\n${remedy}\n`);
}
