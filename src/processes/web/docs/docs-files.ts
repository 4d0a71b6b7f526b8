import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fixedFile, type FixedFile } from '../common/fixed-file.js';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>TradeBot: interface</title>
    <link rel="stylesheet" href="/api/docs/files/swagger-ui.css" />
    <link rel="icon" href="data:," />
  </head>
  <body>
    <noscript>The description itself: <a href="/api/docs/openapi.json">openapi.json</a></noscript>
    <div id="docs"></div>
    <script src="/api/docs/files/swagger-ui-bundle.js"></script>
    <script src="/api/docs/files/start.js"></script>
  </body>
</html>
`;

/** Reads only: to try an endpoint out needs the token that pages of ours alone have. */
const START = `SwaggerUIBundle({
  url: '/api/docs/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  supportedSubmitMethods: [],
  validatorUrl: null,
});
`;

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const FROM_PACKAGE: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', STYLE],
  ['swagger-ui-bundle.js', SCRIPT],
]);

export const DOCS_PAGE: FixedFile = fixedFile('text/html; charset=utf-8', Buffer.from(PAGE));

/** The files of the page: two of swagger-ui's package, read when they are asked for first, and our own. */
export class DocsFiles {
  readonly #read = new Map<string, FixedFile>([['start.js', fixedFile(SCRIPT, Buffer.from(START))]]);

  /** Undefined for a name that is not one of the three. */
  file(name: string): FixedFile | undefined {
    const type = FROM_PACKAGE.get(name);
    if (type !== undefined && !this.#read.has(name)) {
      this.#read.set(name, fixedFile(type, readFileSync(swaggerUi().resolve(`swagger-ui-dist/${name}`))));
    }
    return this.#read.get(name);
  }
}

/** The package is Nest's, not ours: found from where Nest finds it. */
function swaggerUi(): NodeJS.Require {
  return createRequire(createRequire(import.meta.url).resolve('@nestjs/swagger'));
}
