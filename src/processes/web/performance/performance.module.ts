import { Module } from '@nestjs/common';
import { PerformanceController } from './performance.controller.js';

@Module({ controllers: [PerformanceController] })
export class PerformanceModule {}
