import { Module } from '@nestjs/common';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { HealthProbe } from './health-probe.js';
import { StatusController } from './status.controller.js';
import { HEALTH_PROBE } from './tokens.js';

@Module({
  controllers: [StatusController],
  providers: [
    {
      provide: HEALTH_PROBE,
      inject: [WEB_CONTEXT],
      useFactory: (context: WebContext) =>
        new HealthProbe(
          () => context.state,
          (ask, withinMs) => context.ask(ask, withinMs),
        ),
    },
  ],
})
export class StatusModule {}
