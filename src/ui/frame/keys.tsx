import { Kbd, Modal, useMantineColorScheme } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { frame } from './messages.js';

const SECOND_KEY_MS = 1_000;
/** Pages that are reached by `g` and a letter. */
const GO: Readonly<Record<string, string>> = { o: '/', s: '/status' };

/** The keyboard map on `?`, and the keys that belong to no other part. */
export function Keys(): ReactElement {
  const [opened, setOpened] = useState(false);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  useHotkeys([
    ['shift+?', () => setOpened(true)],
    ['?', () => setOpened(true)],
    ['d', () => setColorScheme(colorScheme === 'light' ? 'dark' : 'light')],
  ]);
  useGoKeys();
  return (
    <Modal
      opened={opened}
      onClose={() => setOpened(false)}
      title={frame.keys}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <dl className="key-map">
        {frame.keyMap.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

/** `g` and then a letter, outside of fields. */
function useGoKeys(): void {
  const navigate = useNavigate();
  const first = useRef(0);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const inField = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (inField || event.ctrlKey || event.metaKey || event.altKey) return;
      const to = GO[event.key];
      if (event.timeStamp - first.current < SECOND_KEY_MS && to !== undefined) void navigate({ to });
      first.current = event.key === 'g' ? event.timeStamp : -SECOND_KEY_MS;
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [navigate]);
}
