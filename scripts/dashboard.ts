/**
 * Builds the dashboard (web/) with vite in a process of its own, and knows whether what was built is of these sources:
 * a hash of them stands beside it. What is half built is never seen: the folder is swapped when it is whole.
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runTool, type Verdict } from './check/tool.ts';

const SOURCES = ['web/src/**/*', 'web/index.html', 'web/*.{ts,json}', 'tsconfig.json'];
const HASH_FILE = 'sources.sha256';

/** Where a clone has it, below the root; the package has it in dist/web. */
export const BUILT = 'web/dist';

export function isDashboardFresh(root: string): boolean {
	return builtFrom(join(root, BUILT)) === hashOfSources(root);
}

/** @param to below the root. */
export async function buildDashboard(root: string, to: string): Promise<Verdict> {
	const hash = hashOfSources(root);
	const place = join(root, to);
	const scratch = join(dirname(place), `.dist-${process.pid}`); // beside it: a folder can only be renamed within one disk
	const args = ['build', 'web', '--outDir', scratch, '--emptyOutDir', '--logLevel', 'warn'];
	const verdict = await runTool(root, 'vite/bin/vite.js', args);
	if (!verdict.ok) {
		rmSync(scratch, { recursive: true, force: true });
		return verdict;
	}
	writeFileSync(join(scratch, HASH_FILE), `${hash}\n`);
	rmSync(place, { recursive: true, force: true });
	renameSync(scratch, place);
	return verdict;
}

/** Over names and contents, so that a file that goes counts too. Tests make no difference to what is built. */
function hashOfSources(root: string): string {
	const hash = createHash('sha256');
	const files = globSync(SOURCES, { cwd: root, withFileTypes: true })
		.filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
		.map((entry) => join(entry.parentPath, entry.name))
		.toSorted();
	for (const file of files) {
		hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
	}
	return hash.digest('hex');
}

function builtFrom(folder: string): string | undefined {
	try {
		return readFileSync(join(folder, HASH_FILE), 'utf8').trim();
	} catch {
		return undefined; // never built
	}
}
