import { Module } from '@nestjs/common';
import { DecisionsController } from './decisions.controller.js';
import { ExplainController } from './explain.controller.js';
import { JournalController } from './journal.controller.js';

@Module({ controllers: [JournalController, DecisionsController, ExplainController] })
export class JournalModule {}
