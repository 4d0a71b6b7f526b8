import { configError, networkError } from '../../kernel/errors.js';
import type { Mail, Mailer } from '../../ports/access.js';
import type { SecretRecord } from '../../ports/vault.js';
import { systemErrorCode } from '../files/system-error.js';

const CONNECT_MS = 10_000;
const SOCKET_MS = 20_000;

/**
 * Fields of the vault's secret file `smtp`: SMTP_HOST, SMTP_PORT (587), SMTP_SECURITY (`starttls`, `tls`, or `none` which
 * only a server on the loopback may have), SMTP_USERNAME and SMTP_PASSWORD (both or none), SMTP_FROM.
 */
export class SmtpMailer implements Mailer {
  /** `fields` is read at each use: a changed secret takes effect at once. */
  constructor(private readonly fields: () => SecretRecord) {}

  get isConfigured(): boolean {
    const { host, from } = settingsOf(this.fields());
    return host !== '' && from !== '';
  }

  async send(mail: Mail): Promise<void> {
    const { host, port, security, user, password, from } = settingsOf(this.fields());
    if (host === '' || from === '') throw notConfigured('SMTP_HOST and SMTP_FROM are not set');
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw notConfigured('SMTP_PORT is not a port');
    if (security === 'none' && !isLoopback(host)) throw notConfigured('mail would leave this machine unencrypted');
    // read with the first mail: it would make every start of the web and of some workers longer
    const { createTransport } = (await import('nodemailer')).default;
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(user === '' ? {} : { auth: { user, pass: password } }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SOCKET_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await transport.sendMail({ from, to: mail.to, subject: mail.subject, text: mail.text.reveal() });
    } catch (error) {
      throw notSent(host, error);
    } finally {
      transport.close();
    }
  }
}

function settingsOf(fields: SecretRecord) {
  const text = (name: string): string => fields[name]?.reveal() ?? '';
  return {
    host: text('SMTP_HOST'),
    port: Number(text('SMTP_PORT') || '587'),
    security: text('SMTP_SECURITY') || 'starttls',
    user: text('SMTP_USERNAME'),
    password: text('SMTP_PASSWORD'),
    from: text('SMTP_FROM'),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function notConfigured(message: string): Error {
  return configError({
    code: 'MAIL_NOT_CONFIGURED',
    message: `mail cannot be sent: ${message}`,
    remedy: 'Enter the mail server under secrets (smtp).',
  });
}

/** The server's own text may repeat the message, so only its code is reported, and not the error itself. */
function notSent(host: string, error: unknown): Error {
  const code = systemErrorCode(error) ?? 'UNKNOWN';
  const answer =
    typeof error === 'object' && error !== null && 'responseCode' in error
      ? ` (SMTP ${String(error.responseCode)})`
      : '';
  return networkError('retry', {
    code: 'MAIL_NOT_SENT',
    message: `the mail server ${host} did not accept the mail: ${code}${answer}`,
    remedy: 'Check host, port, user and password under secrets (smtp), then try again.',
    details: { host, cause: code },
  });
}
