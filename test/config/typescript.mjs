/** What tests import as `typescript`: the compiler that the environment of test/architecture holds, else a new copy. */
const held = globalThis.sourcesOfTheWorker?.ts;
export default held ?? (await import('../../node_modules/typescript/lib/typescript.js')).default;
