/** The path prefix below which the web process serves the app; vite.config.mjs has the same. */
export const BASE = '/app';
