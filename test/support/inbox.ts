import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail server on this machine, without TLS, that takes any log-in; `mails` has what it received, as text. */
export interface Inbox {
  readonly port: number;
  readonly mails: readonly string[];
  close(): Promise<void>;
}

export async function openInbox(): Promise<Inbox> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username }, _session, done) => done(null, { user: username }),
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      stream.on('end', () => {
        mails.push(text.replaceAll('=\r\n', '').replaceAll('=3D', '='));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, mails, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** The link of a mail that leads to a new password, with its one-time token behind the #; undefined without one. */
export function resetLinkOf(mail: string | undefined): { readonly link: string; readonly token: string } | undefined {
  const [, link, token] = /(http:\/\/127\.0\.0\.1:\d+\/app\/reset#token=([\w-]+))/.exec(mail ?? '') ?? [];
  return link === undefined || token === undefined ? undefined : { link, token };
}
