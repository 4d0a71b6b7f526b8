/** Types of setup.mjs, which is plain JavaScript because it runs before there is a build. */
export const ROOT: string;
export class SetupError extends Error {}
export function setUp(): Promise<void>;
