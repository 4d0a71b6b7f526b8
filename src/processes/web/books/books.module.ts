import { Module } from '@nestjs/common';
import { BackupsController, BooksController } from './books.controller.js';
import { ExportsController } from './exports.controller.js';

@Module({ controllers: [BooksController, BackupsController, ExportsController] })
export class BooksModule {}
