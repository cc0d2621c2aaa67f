/** Of what a simulated run was made, besides its seed: without the same commit and settings it is another run. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { SimPlan } from '../test/fixtures/sim-plan.ts';

export function originOf(plan: SimPlan): string {
	return `commit ${commit()}, settings ${hashOf(plan.options)}`;
}

/** JSON has no infinity, and a limit that is lifted is another setting than none. */
export function hashOf(options: SimPlan['options']): string {
	const text = JSON.stringify(options, (_key, value: unknown) => (typeof value === 'number' ? String(value) : value));
	return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function commit(): string {
	const git = (...args: readonly string[]): string => spawnSync('git', [...args], { encoding: 'utf8' }).stdout?.trim() ?? '';
	const head = git('rev-parse', '--short=12', 'HEAD');
	if (head === '') return 'unknown';
	return git('status', '--porcelain') === '' ? head : `${head} with changes`;
}
