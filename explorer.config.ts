import { defineConfig } from 'vite'

/** The pages of the explorer, compiled to dist/explorer. */
export default defineConfig({
  root: 'explorer',
  base: '/',
  logLevel: 'warn',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: '../dist/explorer',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Nothing in the page itself: the policy of the server lets files alone run.
    assetsInlineLimit: 0,
  },
})
