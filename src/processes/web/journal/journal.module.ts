import { Module } from '@nestjs/common';
import { DecisionsController } from './decisions.controller.js';
import { JournalController } from './journal.controller.js';

@Module({ controllers: [JournalController, DecisionsController] })
export class JournalModule {}
