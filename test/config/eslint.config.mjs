import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What plain JavaScript files may use; TypeScript checks this for itself. */
const NODE_GLOBALS = Object.fromEntries(
  [
    'process',
    'console',
    'Buffer',
    'URL',
    'performance',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
  ].map((name) => [name, 'readonly']),
);

const SAME_FOR_ALL = {
  eqeqeq: 'error',
  'no-console': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'object-shorthand': 'error',
  'no-duplicate-imports': 'off',
  'no-template-curly-in-string': 'error',
  'no-unreachable-loop': 'error',
  'no-self-compare': 'error',
  'no-promise-executor-return': 'off',
  'no-param-reassign': 'error',
  'no-eval': 'error',
  'no-constant-condition': 'error',
  'no-empty': 'error',
  'no-fallthrough': 'error',
  'no-unsafe-finally': 'error',
  'no-unused-private-class-members': 'error',
  'no-useless-assignment': 'error',
  'preserve-caught-error': 'error',
};

export default defineConfig(
  {
    ignores: [
      '**/node_modules/',
      'dist/',
      'output/',
      'storage/',
      'control/',
      'src/events/generated/',
      'src/ui/generated/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: `${import.meta.dirname}/../..` } },
    rules: {
      ...SAME_FOR_ALL,
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An async method of a port turns a throw into a rejection, also where it has nothing to await.
      '@typescript-eslint/require-await': 'off',
      // `type` and `interface` both have their place: unions and brands are types.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Cents are a branded bigint, and a minus before them is one.
      '@typescript-eslint/no-unsafe-unary-minus': 'off',
      // A caller may well name the type that a flag or a row has.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // A module of Nest is its decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Ports are objects with methods, and a method's name may be a property key in tables.
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { boolean: true } }],
    },
  },
  {
    // Classes of bodies and answers are descriptions, for the checks and for OpenAPI; plain objects of their shape fit.
    files: ['src/processes/web/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    // Tests may assert what they know of a fixture.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // Code as text is what the rules of test/architecture are tried on.
      'no-template-curly-in-string': 'off',
    },
  },
  {
    files: ['**/*.mjs', 'test/**/*.cjs'],
    languageOptions: { globals: { ...NODE_GLOBALS, __dirname: 'readonly' } },
    rules: { ...SAME_FOR_ALL, 'no-undef': 'error', 'no-unused-vars': 'error' },
  },
  {
    // They run before a supported Node is chosen: no syntax newer than Node 6 reads.
    files: ['src/**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      ecmaVersion: 2016,
      globals: Object.fromEntries(
        [...Object.keys(NODE_GLOBALS), '__dirname', 'Atomics', 'SharedArrayBuffer'].map((name) => [name, 'readonly']),
      ),
    },
    rules: {
      ...SAME_FOR_ALL,
      'no-undef': 'error',
      'no-unused-vars': ['error', { caughtErrorsIgnorePattern: '^_' }],
    },
  },
  {
    // Their output is what they are for.
    files: ['event-schemas/*.mjs', 'test/bench/**', 'test/emulators/run.mjs'],
    rules: { 'no-console': 'off' },
  },
);
