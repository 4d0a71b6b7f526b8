import { Module } from '@nestjs/common';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { readPageFiles } from './page-files.js';
import { PagesController } from './pages.controller.js';
import { PAGE_FILES } from './tokens.js';

/** They are served as they stand in the source tree: there is nothing to build, and dist/ needs no copy. */
const FOLDER = 'src/processes/web/pages';

@Module({
  controllers: [PagesController],
  providers: [
    {
      provide: PAGE_FILES,
      inject: [WEB_CONTEXT],
      useFactory: (context: WebContext) => readPageFiles(`${context.init.root}/${FOLDER}`),
    },
  ],
})
export class PagesModule {}
