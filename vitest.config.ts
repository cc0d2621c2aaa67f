import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * One process, one module graph: 1000 tests cost about a second. Suites that patch globals do not exist here.
 * Files named `*.long.test.ts` and `*.full.test.ts` belong to suites of their own (scripts/test/suites.ts).
 */
export default defineConfig({
	test: {
		include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts', 'web/**/*.test.ts'],
		exclude: ['**/node_modules/**', '**/dist/**', '**/*.{long,full}.test.ts'],
		pool: 'threads',
		isolate: false,
		testTimeout: 60_000,
		// Programs that tests start need not have their types stripped again each time, which is most of what starting costs.
		env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url)) },
	},
});
