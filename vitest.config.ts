import { defineConfig } from 'vitest/config';

/**
 * One project per kind of test, so that one kind stays quick while `npm test` runs all of them. Kinds of one order run together;
 * those that start nodes and browsers of their own come after the others.
 */
const project = (name: string, order: number, options: { testTimeout: number }) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    pool: 'forks' as const,
    // Modules hold no state that a test could leave behind; loading them anew for each file would take longer than the tests.
    isolate: false,
    hookTimeout: options.testTimeout,
    sequence: { groupOrder: order },
    ...options,
  },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/support/count-reporter.ts'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    projects: [
      project('unit', 0, { testTimeout: 180_000 }),
      project('conformance', 0, { testTimeout: 180_000 }),
      project('console', 1, { testTimeout: 120_000 }),
      project('federation', 1, { testTimeout: 600_000 }),
      project('faults', 1, { testTimeout: 600_000 }),
    ],
  },
});
