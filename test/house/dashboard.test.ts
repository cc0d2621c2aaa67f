import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { BUILT, buildDashboard, isDashboardFresh } from '../../scripts/dashboard.ts';
import { emptyScratch } from './scratch.ts';

const clone = emptyScratch({
	'web/package.json': '{ "name": "web", "private": true, "type": "module" }',
	'web/index.html': '<!doctype html><title>t</title><script type="module" src="/src/main.ts"></script>',
	'web/src/main.ts': "document.title = 'one';",
	'web/src/main.test.ts': 'export const tested = 1;',
	'web/vite.config.ts': 'export default { root: import.meta.dirname };',
});
afterEach(() => writeFileSync(join(clone.path, 'web/src/main.ts'), "document.title = 'one';"));

afterAll(() => clone[Symbol.dispose]());

const built = (): string[] => readdirSync(join(clone.path, BUILT)).toSorted();

test('a clone is built once, and again when its sources have changed', { timeout: 120_000 }, async () => {
	expect(isDashboardFresh(clone.path)).toBe(false);
	expect(await buildDashboard(clone.path, BUILT)).toMatchObject({ ok: true });
	expect(built()).toEqual(['assets', 'index.html', 'sources.sha256']);
	expect(isDashboardFresh(clone.path)).toBe(true);

	writeFileSync(join(clone.path, 'web/src/main.test.ts'), 'export const tested = 2;');
	expect(isDashboardFresh(clone.path), 'a test is no part of it').toBe(true);
	writeFileSync(join(clone.path, 'web/src/main.ts'), "document.title = 'two';");
	expect(isDashboardFresh(clone.path)).toBe(false);
	writeFileSync(join(clone.path, 'web/src/main.ts'), "document.title = 'one';");
	writeFileSync(join(clone.path, 'web/src/more.ts'), '');
	expect(isDashboardFresh(clone.path), 'a file more').toBe(false);
	rmSync(join(clone.path, 'web/src/more.ts'));
	expect(isDashboardFresh(clone.path)).toBe(true);
});

test('a build that fails says why and leaves what stood there', { timeout: 120_000 }, async () => {
	await buildDashboard(clone.path, BUILT);
	writeFileSync(join(clone.path, 'web/src/main.ts'), "import './gone.ts';");
	const { ok, output } = await buildDashboard(clone.path, BUILT);
	expect(ok).toBe(false);
	expect(output).toContain('gone.ts');
	expect(existsSync(join(clone.path, BUILT, 'index.html'))).toBe(true);
	expect(readdirSync(join(clone.path, 'web')).filter((name) => name.startsWith('.dist'))).toEqual([]);
});
