import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useMay } from '../../app/session.js';
import { useParams, useSetParams } from '../../lib/url.js';
import { Configurations } from './configurations.js';
import { compare as texts } from './messages.js';
import { Moments } from './moments.js';
import { Sessions } from './sessions.js';

const MODES = ['moments', 'sessions', 'configurations'] as const;

/** Two moments, two sessions or two configurations next to each other, with the first event that differs. */
export default function ComparePage(): ReactElement {
  const { mode = 'moments' } = useParams();
  const setParams = useSetParams();
  const maySettings = useMay('settings');
  const modes = MODES.filter((one) => one !== 'configurations' || maySettings);
  const shown = modes.find((one) => one === mode) ?? 'moments';
  return (
    <div className="cards">
      <div role="group" aria-label={texts.modesLabel} className="form-row">
        {modes.map((one) => (
          <Button
            key={one}
            size="compact-sm"
            variant={one === shown ? 'light' : 'default'}
            aria-pressed={one === shown}
            onClick={() => setParams({ mode: one === 'moments' ? '' : one, a: '', b: '' }, { replace: false })}
          >
            {texts.modes[one]}
          </Button>
        ))}
      </div>
      {shown === 'moments' ? <Moments /> : shown === 'sessions' ? <Sessions /> : <Configurations />}
    </div>
  );
}
