/**
 * Checks who imports whom against .dependency-cruiser.mjs. Each violation names the rule and says what is allowed.
 * Counts what was looked at: with a TypeScript that it cannot use, dependency-cruiser sees no file and reports success.
 */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { runForOutput, type Verdict } from './tool.ts';

const FOLDERS = ['src', 'bench', 'test', 'scripts', 'examples', 'web'];

/** The part of dependency-cruiser's report that we read. */
interface Report {
	readonly summary: {
		readonly totalCruised: number;
		readonly violations: readonly Violation[];
		readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string; readonly comment: string }[] };
	};
}

interface Violation {
	readonly from: string;
	readonly to: string;
	readonly rule: { readonly name: string };
	readonly cycle?: readonly { readonly name: string }[];
}

export async function checkDirection(root: string): Promise<Verdict> {
	const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
	const args = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...folders];
	const { exitCode, stdout, stderr } = await runForOutput(root, 'dependency-cruiser/bin/dependency-cruiser.mjs', args);
	if (exitCode !== 0) return { ok: false, output: `${stderr}${stdout.slice(0, 2_000)}` };

	const { summary } = JSON.parse(stdout) as Report;
	const productFiles = globSync('src/**/*.ts', { cwd: root }).length;
	if (productFiles === 0 || summary.totalCruised < productFiles) {
		const found = `dependency-cruiser looked at ${summary.totalCruised} modules`;
		return { ok: false, output: `${found}, but src has ${productFiles} files: is it blind to TypeScript?` };
	}
	const comments = new Map(summary.ruleSetUsed.forbidden.map((rule) => [rule.name, rule.comment]));
	const lines = summary.violations.map(
		(violation) => `${violation.rule.name}: ${pathOf(violation)}\n  ${comments.get(violation.rule.name)}`,
	);
	return { ok: lines.length === 0, output: [...new Set(lines)].join('\n') };
}

function pathOf({ from, to, cycle }: Violation): string {
	return [from, ...(cycle?.map((step) => step.name) ?? [to])].join(' → ');
}
