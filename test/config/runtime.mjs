import vm from 'node:vm';
import Runtime from 'jest-runtime';

/**
 * Jest compiles all modules again for each file of tests, because each call brings a loader for `import()`: V8 keeps no
 * compiled code for such a call. A module that never calls `import()` needs no loader, so a worker compiles it once.
 */
const compile = vm.compileFunction;
vm.compileFunction = (code, params, options) => {
  const { filename, parsingContext } = options;
  // What the joined packages call `import()` for is not installed.
  if (!filename.includes('/dist/packages/') && /\bimport\s*\(/.test(code)) return compile(code, params, options);
  return new vm.Script(`(function (${params.join(', ')}) {${code}\n})`, { filename }).runInContext(parsingContext);
};

export default Runtime;
