import type { ReactElement, ReactNode } from 'react';

/** A page without the frame. */
export function Alone({ children }: { readonly children: ReactNode }): ReactElement {
  return <main className="alone">{children}</main>;
}
