import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public, ServedIn } from '../common/access.js';
import { AnswersWith } from '../common/answers.js';
import { APP_ADDRESS, wantsPage } from '../common/app-address.js';
import { NotDescribed } from '../common/described.js';

/** What the app shows at its own first address: set-up, first account or log-in. They have no addresses of their own there. */
const FIRST_PAGES = ['/setup', '/register', '/login'];

@NotDescribed()
@Controller()
@ServedIn('always')
@Public('addresses contain no data')
export class AddressesController {
  @Get()
  @AnswersWith('application/json', 'Leads a browser to the app; a program gets the addresses of app and interface.')
  root(@Req() request: Request, @Res() response: Response): void {
    response.vary('Accept');
    if (wantsPage(request)) response.redirect(302, `${APP_ADDRESS}/`);
    else
      response.json({
        app: `${APP_ADDRESS}/`,
        api: '/api',
        description: '/api/docs/openapi.json',
        state: '/api/state',
      });
  }

  @Get(FIRST_PAGES)
  @AnswersWith('text/html', 'Leads to the app.')
  first(@Res() response: Response): void {
    response.redirect(302, `${APP_ADDRESS}/`);
  }
}
