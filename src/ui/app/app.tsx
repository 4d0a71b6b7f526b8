import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { queries } from '../api/query.js';
import { LongTexts } from './long-texts.js';
import { schemeManager, theme } from './theme.js';
import { router } from './router.js';

/** The app: theme, answers of the server, router. */
export function App(): ReactElement {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="dark"
      colorSchemeManager={schemeManager}
      // The policy of content allows no style inside the page: styles/ has these variables and classes as files.
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <LongTexts />
      </QueryClientProvider>
    </MantineProvider>
  );
}
