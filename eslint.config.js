import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

const typed = ['src/**/*.ts', 'test/**/*.ts', 'examples/**/*.ts', 'explorer/**/*.{ts,tsx}']
const untyped = ['scripts/**/*.mjs', '*.config.{js,ts}', '**/*.{js,mjs,cjs}']

const noDefaultExport = {
  selector: ':matches(ExportDefaultDeclaration, ExportSpecifier[exported.name="default"])',
  message: 'Export it by name.',
}
const noEnum = { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' }

export default defineConfig(
  globalIgnores(['dist/', 'release/', 'coverage/', '.pg-lsh/', '.demo/', 'docs/api/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    rules: {
      eqeqeq: 'error',
      'no-constant-binary-expression': 'error',
      'no-console': 'error',
      'no-promise-executor-return': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'exit', message: 'Throw an LshError; the CLI decides.' },
      ],
      'no-self-compare': 'error',
      'no-unreachable-loop': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: typed,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An element read within the bounds of its loop: `x[i] as number` or `x[i]!`, as one likes.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // A loop that counts is at home in numerical code.
      '@typescript-eslint/prefer-for-of': 'off',
      // What an interface declares as asynchronous may have nothing to wait for in one of its forms.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'examples/**/*.ts', 'explorer/**/*.{ts,tsx}'],
    rules: { 'no-restricted-syntax': ['error', noDefaultExport, noEnum] },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // expect(spied.method), expect.any(…) and parsed JSON.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: untyped,
    extends: [tseslint.configs.strict, tseslint.configs.disableTypeChecked],
  },
  {
    files: ['src/cli/**/*.ts', 'scripts/**/*.mjs', 'test/bench/**/*.ts', 'examples/**/*.ts'],
    rules: { 'no-console': 'off', 'no-restricted-properties': 'off' },
  },
)
