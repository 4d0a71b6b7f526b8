import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useSession } from '../app/session.js';
import { Icon } from '../parts/icon.js';
import { GROUPS, PAGES, type PageEntry } from '../pages/table.js';

/** The pages that the user may open, by group. */
export function Menu({
  current,
  chosen,
}: {
  readonly current: string | undefined;
  readonly chosen?: () => void;
}): ReactElement {
  const pages = useMenuPages();
  return (
    <>
      {GROUPS.map((group) => {
        const entries = pages.filter((page) => page.group === group);
        return entries.length === 0 ? null : (
          <div key={group} className="menu-group">
            <p className="menu-head">{group}</p>
            <ul>
              {entries.map((page) => (
                <li key={page.id}>
                  <PageLink page={page} current={current === page.id} chosen={chosen} />
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </>
  );
}

/** Every page that the user may open, menu or not. */
export function useMenuPages(): readonly PageEntry[] {
  const { permissions } = useSession().user;
  return PAGES.filter(({ needs, path }) => !path.includes('$') && (needs === null || permissions.includes(needs)));
}

function PageLink({
  page,
  current,
  chosen,
}: {
  readonly page: PageEntry;
  readonly current: boolean;
  readonly chosen: (() => void) | undefined;
}): ReactElement {
  return (
    <Link
      className="menu-link"
      to={page.path}
      onClick={chosen}
      {...(current ? { 'aria-current': 'page' as const } : {})}
    >
      <Icon name={page.icon} />
      <span>{page.title}</span>
    </Link>
  );
}
