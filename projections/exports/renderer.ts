/**
 * Version of everything that decides the bytes of an export: the renderers of this folder and the statement that they are
 * given. Raise it with any change of them: exports of other versions are known by their digest and are not rendered again.
 */
export const RENDERER_VERSION = 2;
