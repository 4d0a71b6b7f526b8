import { Module } from '@nestjs/common';
import { BackupsController, BooksController } from './books.controller.js';
import { EntriesController } from './entries.controller.js';
import { ExportsController } from './exports.controller.js';

@Module({ controllers: [BooksController, BackupsController, EntriesController, ExportsController] })
export class BooksModule {}
