import { Module } from '@nestjs/common';
import { MismatchesController } from './mismatches.controller.js';

@Module({ controllers: [MismatchesController] })
export class MismatchesModule {}
