import { defineConfig } from 'vitest/config';

/** One project per kind of test, so that `npm run test:unit` stays quick while `npm test` runs all of them. */
const project = (name: string, options: { testTimeout: number; fileParallelism?: boolean }) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    pool: 'forks' as const,
    // Modules hold no state that a test could leave behind; loading them anew for each file would take longer than the tests.
    isolate: false,
    hookTimeout: options.testTimeout,
    ...options,
  },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/support/count-reporter.ts'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    projects: [
      project('unit', { testTimeout: 60_000 }),
      project('conformance', { testTimeout: 120_000 }),
      project('federation', { testTimeout: 600_000, fileParallelism: false }),
      project('faults', { testTimeout: 600_000, fileParallelism: false }),
    ],
  },
});
