import { Module } from '@nestjs/common';
import type { House } from '../house.js';
import { HOUSE } from '../tokens.js';
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
      inject: [HOUSE],
      useFactory: (house: House) => readPageFiles(`${house.init.root}/${FOLDER}`),
    },
  ],
})
export class PagesModule {}
