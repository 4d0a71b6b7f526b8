import { Module } from '@nestjs/common';
import { BetweenController } from './between.controller.js';
import { CompareController } from './compare.controller.js';
import { DecisionsController } from './decisions.controller.js';
import { EventController } from './event.controller.js';
import { ExplainController } from './explain.controller.js';
import { StreamsController } from '../streams/streams.controller.js';
import { JournalController } from './journal.controller.js';

@Module({
  controllers: [
    ...[
      JournalController,
      EventController,
      BetweenController,
      CompareController,
      DecisionsController,
      ExplainController,
    ],
    StreamsController,
  ],
})
export class JournalModule {}
