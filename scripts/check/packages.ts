/**
 * Checks what we take from others: exact versions everywhere, a lock file that agrees with the manifests, carries a hash
 * for each package and names no host, and no package with an install script that nobody has looked at.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from './tool.ts';

/**
 * Packages with an install script that we know and do not run. ccxt prints a greeting; bufferutil compiles a module
 * that `ws` does without. To run one, name it in `allowScripts` of package.json instead, and say why in the commit.
 */
const KNOWN_AND_NOT_RUN = ['ccxt', 'bufferutil'];

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

interface Manifest extends Partial<Record<(typeof SECTIONS)[number], Record<string, string>>> {
	readonly workspaces?: readonly string[];
	readonly allowScripts?: Record<string, boolean>;
}

interface LockEntry extends Manifest {
	readonly resolved?: string;
	readonly integrity?: string;
	readonly link?: boolean;
	readonly hasInstallScript?: boolean;
}

interface Lock {
	readonly packages: Record<string, LockEntry>;
}

export async function checkPackages(root: string): Promise<Verdict> {
	const manifest = readJson(join(root, 'package.json')) as Manifest;
	const lock = readJson(join(root, 'package-lock.json')) as Lock;
	const folders = ['', ...(manifest.workspaces ?? [])].filter((folder) => existsSync(join(root, folder, 'package.json')));
	const findings = folders.flatMap((folder) =>
		checkManifest(folder, readJson(join(root, folder, 'package.json')) as Manifest, lock),
	);
	findings.push(...checkLock(lock, manifest.allowScripts ?? {}));
	return { ok: findings.length === 0, output: findings.join('\n') };
}

function checkManifest(folder: string, manifest: Manifest, lock: Lock): string[] {
	const file = join(folder, 'package.json');
	const locked = lock.packages[folder];
	if (locked === undefined) return [`${file}: the lock file does not know it; run npm install --ignore-scripts`];
	return SECTIONS.flatMap((section) => {
		const wanted = manifest[section] ?? {};
		const loose = Object.entries(wanted).filter(([, version]) => !isExact(version));
		const differing = new Set([...Object.entries(wanted), ...Object.entries(locked[section] ?? {})].map(([name]) => name));
		return [
			...loose.map(([name, version]) => `${file}: ${name} is "${version}"; write the exact version`),
			...[...differing]
				.filter((name) => wanted[name] !== locked[section]?.[name])
				.map(
					(name) =>
						`${file}: ${name} is ${wanted[name]}, in the lock file ${locked[section]?.[name]}; run npm install --ignore-scripts`,
				),
		];
	});
}

/** `1.2.3`, or another package under this name, `npm:other@1.2.3`. */
function isExact(version: string): boolean {
	return /^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version);
}

function checkLock(lock: Lock, allowScripts: Record<string, boolean>): string[] {
	const findings: string[] = [];
	for (const [path, entry] of Object.entries(lock.packages)) {
		if (!path.includes('node_modules/') || entry.link === true) continue; // our own workspaces
		const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
		if (entry.integrity === undefined) findings.push(`package-lock.json: ${name} has no hash (integrity)`);
		if (entry.resolved !== undefined)
			findings.push(`package-lock.json: ${name} names a host (resolved); keep omit-lockfile-registry-resolved=true in .npmrc`);
		if (entry.hasInstallScript === true && !KNOWN_AND_NOT_RUN.includes(name) && allowScripts[name] === undefined) {
			findings.push(
				`package-lock.json: ${name} has an install script that nobody has looked at; read it, then name it in scripts/check/packages.ts`,
			);
		}
	}
	return findings;
}

function readJson(path: string): unknown {
	return JSON.parse(readFileSync(path, 'utf8'));
}
