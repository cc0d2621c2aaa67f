import { defineConfig } from 'vitest/config';

/** One process, one module graph: 1000 tests cost about a second. Suites that patch globals do not exist here. */
export default defineConfig({
	test: {
		include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts'],
		pool: 'threads',
		isolate: false,
		testTimeout: 60_000,
	},
});
