import type { FocusEvent } from 'react';

/** For `onFocus` of what stands above a dialog: Escape must not close the one below, which would lose what was typed there. */
export function keepDialogs({ target }: FocusEvent): void {
  target.setAttribute('data-mantine-stop-propagation', 'true');
}
