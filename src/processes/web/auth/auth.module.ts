import { Module } from '@nestjs/common';
import { AccountController } from './account.controller.js';
import { AuthController } from './auth.controller.js';
import { RegistrationController } from './registration.controller.js';

@Module({ controllers: [AuthController, AccountController, RegistrationController] })
export class AuthModule {}
