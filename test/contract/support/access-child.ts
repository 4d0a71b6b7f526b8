/**
 * Child of the tests of users with several processes, over real databases and a real journal in `<folder>`:
 * `register <folder> <name>` makes the first account, `guess <folder> <name> <times> <limit>` logs in with wrong
 * passwords, `die <folder> <name> <deed> <when>` does a deed and kills itself before or after the append. Says JSON.
 */
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { openTestAccess } from './open-test-access.js';
import { request } from '../../unit/access/requests.js';
import { secret } from '../../../src/kernel/secret.js';
import { TradeBotError } from '../../../src/kernel/errors.js';

const [role = '', folder = '', name = '', ...rest] = process.argv.slice(2);
const PASSWORD = secret('correct horse battery staple');

async function register(): Promise<object> {
  const { access, close } = openTestAccess(folder, { clock: new SystemClock() });
  try {
    await access.users.registerFirst({ name, email: null, password: PASSWORD });
    return { code: 'OK' };
  } catch (error) {
    if (error instanceof TradeBotError) return { code: error.code };
    throw error;
  } finally {
    await close();
  }
}

async function guess(times: number, limit: number): Promise<object> {
  const { access, close } = openTestAccess(folder, { clock: new SystemClock(), attemptLimit: limit });
  const refusals: string[] = [];
  await Promise.all(
    Array.from({ length: times }, async (_, n) => {
      const result = await access.login(request(name, { password: secret(`guess ${n} of this process`) }));
      refusals.push(result.ok ? 'IN' : result.refusal);
    }),
  );
  await close();
  return { refusals };
}

/** Exits like a kill: nothing is closed or flushed. */
async function die(deed: string, when: string): Promise<object> {
  const { access } = openTestAccess(folder, {
    clock: new SystemClock(),
    aroundAppend: async (append) => {
      if (when === 'before') process.kill(process.pid, 'SIGKILL');
      const recorded = await append();
      process.kill(process.pid, 'SIGKILL');
      return recorded;
    },
  });
  if (deed === 'register') await access.users.registerFirst({ name, email: null, password: PASSWORD });
  else await access.login(request(name, { password: deed === 'login' ? PASSWORD : secret('not the right one') }));
  return { survived: true };
}

const answer =
  role === 'register'
    ? await register()
    : role === 'guess'
      ? await guess(Number(rest[0]), Number(rest[1]))
      : await die(rest[0] ?? '', rest[1] ?? '');
process.stdout.write(JSON.stringify(answer));
