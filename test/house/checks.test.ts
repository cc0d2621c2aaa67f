/** Proves that the remaining checks bite, and that `npm run check` says so in its lines and its exit code. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checks } from '../../scripts/check/checks.ts';
import { checkPackages } from '../../scripts/check/packages.ts';
import { emptyScratch, root, scratch } from './scratch.ts';

function run(name: string, path: string) {
	const check = checks.find((each) => each.name === name);
	if (check === undefined) throw new Error(`there is no check named ${name}`);
	return check.run(path);
}

const faults = [
	{
		check: 'types',
		name: 'a lost undefined',
		code: 'export const a = (list: number[]): number => list[0];\n',
		says: "Type 'number | undefined'",
	},
	{ check: 'types', name: 'syntax that Node cannot erase', code: 'export enum Side {\n\tbuy,\n}\n', says: 'erasableSyntaxOnly' },
	{ check: 'format', name: 'four spaces', code: 'export function a() {\n    return 1;\n}\n', says: 'src/domain/a.ts' },
	{ check: 'dead-code', name: 'a file that nothing imports', code: 'export const a = 1;\n', says: 'src/domain/a.ts' },
];

test.each(faults)('$check refuses $name', async ({ check, code, says }) => {
	using folder = scratch({ 'src/domain/a.ts': code, 'src/index.ts': 'export {};\n' });
	const { ok, output } = await run(check, folder.path);
	expect(output).toContain(says);
	expect(ok).toBe(false);
});

test('types refuses a lost undefined in a page of the dashboard, which has a world of its own', async () => {
	using folder = scratch({
		'src/index.ts': 'export {};\n',
		'web/tsconfig.json': readFileSync(join(root, 'web/tsconfig.json'), 'utf8'),
		'web/src/a.tsx': 'export const a = (list: Element[]) => <p>{list[0].id}</p>;\n',
	});
	const { ok, output } = await run('types', folder.path);
	expect(output).toContain("Object is possibly 'undefined'");
	expect(ok).toBe(false);
});

test('types and format are content with right code', async () => {
	using folder = scratch({ 'src/domain/a.ts': 'export const a = 1;\n' });
	expect(await run('types', folder.path)).toEqual({ ok: true, output: '' });
	expect((await run('format', folder.path)).output).not.toContain('src/domain/a.ts');
});

/** A lock file and manifest without fault; each case below breaks one thing. */
function packages(
	change: (files: { manifest: Record<string, unknown>; entry: Record<string, unknown>; locked: Record<string, unknown> }) => void,
) {
	const manifest: Record<string, unknown> = { name: 'x', dependencies: { ws: '8.0.0' } };
	const locked: Record<string, unknown> = { dependencies: { ws: '8.0.0' } };
	const entry: Record<string, unknown> = { version: '8.0.0', integrity: 'sha512-x' };
	change({ manifest, entry, locked });
	return emptyScratch({
		'package.json': JSON.stringify(manifest),
		'package-lock.json': JSON.stringify({ packages: { '': locked, 'node_modules/ws': entry } }),
	});
}

const packageFaults: { name: string; change: Parameters<typeof packages>[0]; says: string }[] = [
	{
		name: 'a range instead of a version',
		change: ({ manifest, locked }) =>
			Object.assign(manifest, { dependencies: { ws: '^8.0.0' } }) && Object.assign(locked, { dependencies: { ws: '^8.0.0' } }),
		says: 'write the exact version',
	},
	{
		name: 'a manifest that the lock file does not follow',
		change: ({ manifest }) => Object.assign(manifest, { dependencies: { ws: '8.1.0' } }),
		says: 'ws is 8.1.0, in the lock file 8.0.0',
	},
	{ name: 'a package without hash', change: ({ entry }) => delete entry['integrity'], says: 'ws has no hash' },
	{
		name: 'a package that names a host',
		change: ({ entry }) => Object.assign(entry, { resolved: 'https://example.org/ws.tgz' }),
		says: 'ws names a host',
	},
	{
		name: 'an unknown install script',
		change: ({ entry }) => Object.assign(entry, { hasInstallScript: true }),
		says: 'ws has an install script',
	},
];

test.each(packageFaults)('packages refuses $name', async ({ change, says }) => {
	using folder = packages(change);
	const { ok, output } = await checkPackages(folder.path);
	expect(output).toContain(says);
	expect(ok).toBe(false);
});

test('packages is content with exact versions, hashes and no scripts', async () => {
	using folder = packages(() => {});
	expect(await checkPackages(folder.path)).toEqual({ ok: true, output: '' });
});

test('our own manifests and lock file pass', async () => {
	expect(await checkPackages(root)).toEqual({ ok: true, output: '' });
});

const commandLines = [
	{ name: 'an unknown flag', args: ['--fast'], exitCode: 2, says: 'there is --only' },
	{ name: 'an unknown check', args: ['--only', 'spelling'], exitCode: 2, says: 'unknown check spelling' },
	{ name: 'one good check', args: ['--only', 'packages'], exitCode: 0, says: 'ok packages' },
];

test.each(commandLines)('npm run check with $name ends with $exitCode', ({ args, exitCode, says }) => {
	const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/check.ts'), ...args], { encoding: 'utf8' });
	expect(`${stdout}${stderr}`).toContain(says);
	expect(status).toBe(exitCode);
});

test('a failing check fails the command and counts as one test', () => {
	using folder = scratch({ 'scripts/check.ts': '' });
	// The script checks the repository it stands in, so a copy stands in the broken one.
	spawnSync('cp', ['-r', join(root, 'scripts'), folder.path]);
	writeFileSync(join(folder.path, 'package-lock.json'), '{ "packages": {} }');
	const { status, stdout } = spawnSync(process.execPath, [join(folder.path, 'scripts/check.ts'), '--only', 'packages'], {
		encoding: 'utf8',
	});
	expect(stdout).toContain('FAILED packages');
	expect(stdout.trimEnd().endsWith('0 passed, 1 failed, 0 skipped')).toBe(true);
	expect(status).toBe(1);
});
