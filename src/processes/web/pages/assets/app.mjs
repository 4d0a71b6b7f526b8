import { get, onProofNeeded, post, Problem, SESSION_KEY, useCsrf } from './lib/api.mjs';
import { drawBotBar, watchBot } from './lib/bot-bar.mjs';
import { button, el, problemNote, show } from './lib/dom.mjs';
import { askForProof } from './lib/proof.mjs';
import { accountView } from './views/account.mjs';
import { booksView } from './views/books.mjs';
import { decisionsView } from './views/decisions.mjs';
import { haltedView } from './views/halted.mjs';
import { loginView } from './views/login.mjs';
import { logsView } from './views/logs.mjs';
import { registerView } from './views/register.mjs';
import { resetView } from './views/reset.mjs';
import { settingsView } from './views/settings.mjs';
import { setupView } from './views/setup.mjs';
import { startView } from './views/start.mjs';
import { strategiesView } from './views/strategies.mjs';
import { testsView } from './views/tests.mjs';
import { usersView } from './views/users.mjs';

/** Pages of a bot that is set up; each needs one of the permissions, or none. */
const PAGES = [
  { path: '/', name: 'Overview', view: startView, needs: 'read' },
  { path: '/decisions', name: 'Decisions', view: decisionsView, needs: 'read' },
  { path: '/strategies', name: 'Strategies', view: strategiesView, needs: 'read' },
  { path: '/books', name: 'Books', view: booksView, needs: 'verify' },
  { path: '/settings', name: 'Settings', view: settingsView, needs: 'settings' },
  { path: '/users', name: 'Users', view: usersView, needs: 'users' },
  { path: '/tests', name: 'Tests', view: testsView, needs: 'test-mode' },
  { path: '/log', name: 'Logs', view: logsView, needs: 'read' },
  { path: '/account', name: 'Account', view: accountView, needs: null, hidden: true },
];
const WAIT_MS = 1_500;

const app = {
  ...{ state: 'initialize', stage: 'setup', simulated: null, session: null, bot: null, page: '' },
  leave: () => undefined,
  leaveBot: () => undefined,
};

async function load() {
  app.leave();
  app.leave = () => undefined;
  app.leaveBot();
  app.leaveBot = () => undefined;
  try {
    const { state, stage, simulated } = await get('state');
    Object.assign(app, { state, stage, simulated });
    app.session = stage === 'setup' || stage === 'registration' ? null : await session();
    if (app.session === null) app.bot = null;
    render();
    if (mayRead()) app.leaveBot = watchBot(showBot);
  } catch (problem) {
    unreachable(problem);
  }
}

async function session() {
  try {
    return await get('auth', 'session');
  } catch (problem) {
    if (problem instanceof Problem && (problem.status === 401 || problem.status === 403)) return null;
    throw problem;
  }
}

function unreachable(problem) {
  frame([]);
  show(
    view(),
    el('div', { class: 'narrow card' }, problemNote(problem), el('p', { class: 'muted' }, 'Trying again ...')),
  );
  setTimeout(() => void load(), WAIT_MS);
}

/** An account that must be completed first may read nothing yet. */
function mayRead() {
  if (app.session === null || app.stage === 'goingDown') return false;
  const { permissions, mustEnrolSecondFactor, mustChangePassword } = app.session.user;
  return permissions.includes('read') && !mustEnrolSecondFactor && !mustChangePassword;
}

/** Name, mark and clock on every page; before a log-in the mark alone. */
function showBot(now) {
  if (now) app.bot = now;
  drawBotBar({ ...app.bot, simulated: app.bot?.simulated ?? app.simulated });
  const mark = app.simulated ? 'SIMULATED ' : '';
  document.title = `${app.page} \u2013 ${mark}${app.bot?.identity ?? 'TradeBot'}`;
}

const view = () => document.getElementById('view');

function render() {
  const { pathname } = location;
  if (app.stage === 'setup') return open('Set-up', setupView, '/setup');
  if (app.stage === 'registration') return open('First user', registerView, '/register');
  if (pathname === '/reset') return open('New password', resetView, '/reset');
  if (app.session === null) return open('Log in', loginView, '/login');
  if (app.stage === 'goingDown') return open('Shutting down', haltedView, '/');
  const { mustEnrolSecondFactor, mustChangePassword } = app.session.user;
  const asked = mustEnrolSecondFactor || mustChangePassword ? '/account' : pathname;
  const page = PAGES.find((one) => one.path === asked) ?? PAGES[0];
  return open(page.name, mayOpen(page) ? page.view : refusedView, page.path);
}

function refusedView(node) {
  show(
    node,
    el(
      'div',
      { class: 'narrow card' },
      el('h1', {}, 'Not allowed for your role'),
      el('p', {}, 'Ask an admin for access.'),
    ),
  );
}

function mayOpen(page) {
  return page.needs === null || (app.session?.user.permissions ?? []).includes(page.needs);
}

function open(name, draw, path) {
  if (location.pathname !== path) history.replaceState(null, '', `${path}${location.hash}`);
  app.page = name;
  showBot();
  frame(app.session === null ? [] : PAGES.filter((page) => mayOpen(page) && !page.hidden));
  const node = view();
  show(node);
  app.leave = draw(node, { state: app.state, session: app.session, reload: load, go }) ?? (() => undefined);
}

function frame(pages) {
  const top = document.getElementById('top');
  const [brand] = top.children;
  const links = pages.map(({ path, name }) =>
    el('a', { href: path, 'aria-current': location.pathname === path ? 'page' : null, on: { click: follow } }, name),
  );
  const who = app.session === null || pages.length === 0 ? null : whoIsIn();
  show(top, brand, links.length > 0 ? el('nav', { class: 'nav', 'aria-label': 'Pages' }, ...links) : null, who);
}

function whoIsIn() {
  const link = el('a', { href: '/account', on: { click: follow } }, app.session.user.name);
  const dashboard = el('a', { href: '/app/' }, 'Dashboard');
  return el('div', { class: 'who small' }, dashboard, link, button('Log out', logOut, { class: 'little' }));
}

async function logOut() {
  await post(['auth', 'logout']).catch(() => undefined);
  useCsrf(null);
  await go('/');
}

function follow(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  void go(event.currentTarget.getAttribute('href'));
}

async function go(path) {
  history.pushState(null, '', path);
  await load();
  view().focus();
}

onProofNeeded(() => askForProof(app.session?.secondFactor === true));
// another tab logged in or out
addEventListener('storage', ({ key }) => key === SESSION_KEY && void load());
addEventListener('popstate', () => void load());
addEventListener('hashchange', () => void load());
void load();
