/** What tests import as `typescript`: the compiler that the environment of test/architecture holds, else a new copy. */
module.exports = globalThis.sourcesOfTheWorker?.ts ?? require('../../node_modules/typescript/lib/typescript.js');
