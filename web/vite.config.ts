/** Builds the dashboard into web/dist: few files, all of them our own, nothing inlined, for a page with a strict CSP. */
import { defineConfig } from 'vite';

export default defineConfig({
	root: import.meta.dirname,
	oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
	build: {
		target: 'es2022',
		outDir: 'dist',
		emptyOutDir: true,
		// A data: address would be refused by the policy of the page.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
	},
});
