import { statSync } from 'node:fs';
import { Controller, Get, Inject, Post } from '@nestjs/common';
import { textIfThere } from '../../../adapters/files/growing-file.js';
import { parseUnfiltered } from '../../../domain/universe/universe-file.js';
import { whyOf } from '../../../domain/universe/why.js';
import { canonicalSymbol } from '../../../events/names.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { Me, type Principal } from '../common/principal.js';
import { notFound } from '../common/problem.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { UniverseBuildAnswer, UniverseWhyAnswer, UniverseWhyQueryInput } from './market.dto.js';

/** The newest build, and what its file was when it was read. */
interface Built {
  readonly stamp: string;
  readonly date: string;
  readonly why: ReturnType<typeof whyOf>;
}

/** The build of the universe that somebody asks for, as the nightly one needs nobody, and why a symbol is in it or not (TRD-10). */
@Tag('trading')
@Controller('api/universe')
@ServedIn('dashboard')
export class UniverseController {
  #built: Built | undefined;

  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('why')
  @Needs('read')
  @Answers(200, UniverseWhyAnswer, 'Says which rules of the newest build a symbol holds, and which one left it out.')
  why(@QueryInput(UniverseWhyQueryInput) { symbol }: UniverseWhyQueryInput): UniverseWhyAnswer {
    const { date, why } = this.#newest();
    const { row: _, ...answer } = why(canonicalSymbol(symbol.toUpperCase()));
    return { date, ...answer };
  }

  /** Judged once for each build: ten thousand symbols take half a second, in which the web would answer nobody. */
  #newest(): Built {
    const path = this.context.open().paths.universe.unfiltered;
    const file = statSync(path, { throwIfNoEntry: false });
    const stamp = file === undefined ? '' : `${file.ino} ${file.mtimeMs} ${file.size}`;
    if (this.#built !== undefined && this.#built.stamp === stamp) return this.#built;
    const text = textIfThere(path);
    if (text === undefined) throw notFound('universe yet', 'Build one on the page Universe.');
    const universe = parseUnfiltered(text);
    this.#built = { stamp, date: universe.header.date, why: whyOf(universe) };
    return this.#built;
  }

  @Post('build')
  @Needs('maintenance')
  @Answers(202, UniverseBuildAnswer, 'Begins a build of the universe; its events say how far it is, and how it ended.')
  build(@Me() me: Principal): Promise<UniverseBuildAnswer> {
    return this.context.ask<UniverseBuildAnswer>({ ask: 'universe', actor: me.actor });
  }
}
