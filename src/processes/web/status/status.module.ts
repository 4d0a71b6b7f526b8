import { Module } from '@nestjs/common';
import type { House } from '../house.js';
import { HOUSE } from '../tokens.js';
import { HealthProbe } from './health-probe.js';
import { StatusController } from './status.controller.js';
import { HEALTH_PROBE } from './tokens.js';

@Module({
  controllers: [StatusController],
  providers: [
    {
      provide: HEALTH_PROBE,
      inject: [HOUSE],
      useFactory: (house: House) =>
        new HealthProbe(
          () => house.state,
          (ask, withinMs) => house.ask(ask, withinMs),
        ),
    },
  ],
})
export class StatusModule {}
