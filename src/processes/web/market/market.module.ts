import { Module } from '@nestjs/common';
import { MarketController } from './market.controller.js';
import { UniverseController } from './universe.controller.js';

@Module({ controllers: [MarketController, UniverseController] })
export class MarketModule {}
