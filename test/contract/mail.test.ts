import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { SmtpMailer } from '../../src/adapters/mail/smtp-mailer.js';
import { secret } from '../../src/kernel/secret.js';
import type { SecretRecord } from '../../src/ports/vault.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Received {
  readonly user: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

/** A mail server on the loopback that wants `bot` and its password; `refuse` answers every mail with 550. */
async function mailServer(refuse = false): Promise<{ readonly port: number; readonly mails: Received[] }> {
  const mails: Received[] = [];
  const server = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'bot' && password === 'canary-password') done(null, { user: username });
      else done(new Error('wrong user canary-password'));
    },
    onData: (stream, session, done) => {
      let text = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => (text += chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          user: session.user,
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map((one) => one.address),
          text,
        });
        done(refuse ? Object.assign(new Error(`refused: ${text}`), { responseCode: 550 }) : null);
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, mails };
}

function mailer(fields: Readonly<Record<string, string>>): SmtpMailer {
  const record: SecretRecord = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, secret(value)]));
  return new SmtpMailer(() => record);
}

const HOST = { SMTP_HOST: '127.0.0.1', SMTP_FROM: 'bot@example.org', SMTP_SECURITY: 'none' };
const LOGIN = { SMTP_USERNAME: 'bot', SMTP_PASSWORD: 'canary-password' };
const MAIL = { to: 'anna@example.org', subject: 'Hello', text: secret('line one\ncanary-token\n.\nend') };

async function fault(sent: Promise<void>): Promise<string> {
  const error = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: expect.stringMatching(/^MAIL_/) });
  const all = `${JSON.stringify(error)} ${String(error)} ${JSON.stringify((error as { details: unknown }).details)}`;
  expect(all).not.toContain('canary');
  return (error as { readonly message: string }).message;
}

describe('SMTP mail', () => {
  test('a mail arrives unchanged', async () => {
    const { port, mails } = await mailServer();
    const post = mailer({ ...HOST, ...LOGIN, SMTP_PORT: String(port) });
    expect(post.isConfigured).toBe(true);
    await post.send(MAIL);
    expect(mails).toMatchObject([{ user: 'bot', from: 'bot@example.org', to: ['anna@example.org'] }]);
    expect(mails[0]?.text).toContain('Subject: Hello');
    expect(mails[0]?.text.replaceAll('\r\n', '\n')).toContain('line one\ncanary-token\n.\nend');
  });

  test("a wrong password, a refusal and a missing server are reported by code, without the mail's content", async () => {
    const { port } = await mailServer();
    expect(
      await fault(
        mailer({ ...HOST, SMTP_PORT: String(port), SMTP_USERNAME: 'bot', SMTP_PASSWORD: 'canary' }).send(MAIL),
      ),
    ).toContain('EAUTH');
    const refusing = await mailServer(true);
    expect(await fault(mailer({ ...HOST, ...LOGIN, SMTP_PORT: String(refusing.port) }).send(MAIL))).toContain(
      'SMTP 550',
    );
    const free = await closedPort();
    expect(await fault(mailer({ ...HOST, ...LOGIN, SMTP_PORT: String(free) }).send(MAIL))).toContain(
      'did not accept the mail',
    );
  });

  test('nothing is sent when required encryption is missing or the server is another machine', async () => {
    const { port, mails } = await mailServer();
    const { SMTP_SECURITY: _none, ...encrypted } = HOST;
    expect(await fault(mailer({ ...encrypted, ...LOGIN, SMTP_PORT: String(port) }).send(MAIL))).toContain(
      'did not accept the mail',
    );
    expect(await fault(mailer({ ...HOST, SMTP_HOST: 'mail.example.org' }).send(MAIL))).toContain('unencrypted');
    expect(mails).toEqual([]);
  });

  test('missing configuration and an invalid port are refused', async () => {
    expect(mailer({}).isConfigured).toBe(false);
    expect(await fault(mailer({}).send(MAIL))).toContain('SMTP_HOST');
    expect(await fault(mailer({ ...HOST, SMTP_PORT: '99999' }).send(MAIL))).toContain('SMTP_PORT');
  });
});

async function closedPort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
