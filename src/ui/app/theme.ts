import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from '@mantine/core';

const SLATE: MantineColorsTuple = [
  ...(['#e8eef7', '#cfdcec', '#a9c1de', '#82a6d0', '#6290c4', '#4a7fbb', '#3a70ad', '#2e5f98'] as const),
  ...(['#254f80', '#1b3d66'] as const),
];

// Locking the page behind a dialog would write a style into the page, which the policy of content refuses.
const DIALOG = { lockScroll: false, overlayProps: { backgroundOpacity: 0.55 }, transitionProps: { duration: 120 } };

/** Our look on the components; the variables stand in styles/tokens.css. */
export const theme = createTheme({
  primaryColor: 'slate',
  colors: { slate: SLATE },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // By their names: importing the components would load them before the log-in.
    Modal: { defaultProps: DIALOG },
    Drawer: { defaultProps: DIALOG },
  },
});

/** Dark or light, kept in this browser. */
export const schemeManager = localStorageColorSchemeManager({ key: 'tradebot.scheme' });
