import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { BASE } from '../lib/base.js';
import { parseSearch, searchText, withMoment, type Search } from '../lib/url.js';
import { PAGES, type PageEntry } from '../pages/table.js';
import { NoSuchPage, PageFailed } from './failures.js';
import { PlainPage } from './plain-page.js';
import { Root } from './root.js';
import { Loading } from '../parts/state.js';

const rootRoute = createRootRoute({
  component: Root,
  notFoundComponent: NoSuchPage,
  validateSearch: (search: Record<string, unknown>): Search =>
    Object.fromEntries(Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
  search: { middlewares: [({ search, next }) => withMoment(search, next(search))] },
});

function routeOf(page: PageEntry) {
  const { path, load } = page;
  return createRoute({
    getParentRoute: () => rootRoute,
    path,
    component: load === undefined ? () => <PlainPage page={page} /> : lazyRouteComponent(load),
    pendingComponent: Loading,
    errorComponent: PageFailed,
  });
}

/** The addresses of the table of pages. */
export const router = createRouter({
  routeTree: rootRoute.addChildren(PAGES.map(routeOf)),
  basepath: BASE,
  defaultPreload: 'intent',
  parseSearch: (text) => parseSearch(text),
  stringifySearch: searchText,
  defaultErrorComponent: PageFailed,
});
