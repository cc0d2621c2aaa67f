/**
 * The list of checks, the slowest first. Each looks at the repository at `root` and changes nothing there; the tests
 * in test/house point them at small repositories with one fault each.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkDirection } from './direction.ts';
import { checkPackages } from './packages.ts';
import { runTool, type Verdict } from './tool.ts';

export interface Check {
	readonly name: string;
	/** What it looks at, printed when it fails. */
	readonly about: string;
	run(root: string): Promise<Verdict>;
}

export const checks: readonly Check[] = [
	{ name: 'lint', about: 'oxlint with types (.oxlintrc.json)', run: checkLint },
	{ name: 'types', about: 'the TypeScript compiler (tsconfig.json, and web/tsconfig.json for the browser)', run: checkTypes },
	{ name: 'direction', about: 'who may import whom (.dependency-cruiser.mjs)', run: checkDirection },
	{
		name: 'dead-code',
		about: 'files, exports and packages that nothing uses (knip.json)',
		run: (root) => runTool(root, 'knip/bin/knip.js', ['--no-progress', '--no-config-hints']),
	},
	{ name: 'format', about: 'layout and order of imports; `npm run format` puts it right', run: checkFormat },
	{ name: 'packages', about: 'versions, the lock file and install scripts', run: checkPackages },
];

async function checkTypes(root: string): Promise<Verdict> {
	const projects = ['.', 'web'].filter((folder) => existsSync(join(root, folder, 'tsconfig.json')));
	const verdicts = await Promise.all(
		projects.map((project) => runTool(root, '@typescript/native/bin/tsc', ['--project', project])),
	);
	return { ok: verdicts.every(({ ok }) => ok), output: verdicts.map(({ output }) => output).join('') };
}

/** Without a valid tsconfig oxlint skips the rules that need types, says so and calls it a success. */
async function checkLint(root: string): Promise<Verdict> {
	const verdict = await runTool(root, 'oxlint/bin/oxlint', [
		'--type-aware',
		'--format=unix',

		'--deny-warnings',
		'--report-unused-disable-directives',
	]);
	return { ok: verdict.ok && !/invalid tsconfig/i.test(verdict.output), output: verdict.output };
}

function checkFormat(root: string): Promise<Verdict> {
	return runTool(root, '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '--reporter=summary', '--colors=off']);
}
