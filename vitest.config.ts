import { defineConfig } from 'vitest/config'

/** The tests that open a database; they run once on each engine. All others run once. */
const database = ['store', 'search', 'compare', 'sql', 'cli'].map(
  (room) => `test/${room}/**/*.test.ts`,
)
const slow = process.env.PG_LSH_SLOW === '1' ? [] : ['**/*.slow.test.ts']
const never = ['**/node_modules/**', 'test/bench/**', ...slow]

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...never, ...database],
          provide: { engine: 'embedded' },
        },
      },
      {
        extends: true,
        test: {
          name: 'embedded',
          include: database,
          exclude: never,
          provide: { engine: 'embedded' },
        },
      },
      ...(process.env.PG_LSH_TEST_URL
        ? [
            {
              extends: true as const,
              test: {
                name: 'server',
                include: database,
                exclude: never,
                provide: { engine: 'server' as const },
              },
            },
          ]
        : []),
    ],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
