import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { BASE } from '../lib/base.js';
import { parseSearch, searchText, withMoment, type Search } from '../lib/url.js';
import { OPEN_PAGES, PAGES, type PageEntry } from '../pages/table.js';
import { NoSuchPage, PageFailed } from './failures.js';
import { Root } from './root.js';
import { Loading } from '../parts/state.js';

const rootRoute = createRootRoute({
  component: Root,
  notFoundComponent: NoSuchPage,
  validateSearch: (search: Record<string, unknown>): Search =>
    Object.fromEntries(Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
  search: { middlewares: [({ search, next }) => withMoment(search, next(search))] },
});

function routeOf({ path, load }: Pick<PageEntry, 'path' | 'load'>) {
  return createRoute({
    getParentRoute: () => rootRoute,
    path,
    component: lazyRouteComponent(load),
    pendingComponent: Loading,
    errorComponent: PageFailed,
  });
}

const OPEN = Object.entries(OPEN_PAGES).map(([path, load]) => ({ path, load }));

/** The addresses of the table of pages. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([...PAGES, ...OPEN].map(routeOf)),
  basepath: BASE,
  defaultPreload: 'intent',
  parseSearch: (text) => parseSearch(text),
  stringifySearch: searchText,
  defaultErrorComponent: PageFailed,
});
