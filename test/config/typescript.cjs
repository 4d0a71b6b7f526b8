/** What tests import as `typescript`: the compiler that the environment of test/architecture holds, else a new copy. */
const held = globalThis.sourcesOfTheWorker;
module.exports = held === undefined ? require('../../node_modules/typescript/lib/typescript.js') : held.ts;
