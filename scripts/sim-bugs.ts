/**
 * `npm run test:bugs [-- --seeds N] [--only WORDS] [--sample N]`: plants one mistake after the other in the simulated world and
 * says for each which promise it broke first, and with which seed. Each run is two minutes long; the last line is
 * `N passed, N failed, N skipped`. A sample is another one with each commit. Exit code 0: all were caught, 1: some were not, 2: the command line is wrong.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { PLANTED_BUGS } from '../test/fixtures/planted-bugs.ts';
import type { PlantedBug } from '../test/fixtures/planting.ts';
import { drawSim, type SimPlan } from '../test/fixtures/sim-plan.ts';
import { runSim } from '../test/fixtures/sim-run.ts';
import { BUSY } from '../test/fixtures/wired.ts';
import { countsLine } from './test/counts.ts';
import { wholeOf } from './test/whole.ts';

const SEEDS_MAX = 200;
const MINUTES = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
	const wanted = wantedOf(args);
	if (wanted === undefined) {
		console.error('usage: npm run test:bugs -- [--seeds N] [--only WORDS] [--sample N]');
		return 2;
	}
	const { only, seeds, sample } = wanted;
	const bugs = sampled(PLANTED_BUGS, sample).filter(({ name }) => name.includes(only));
	if (bugs.length === 0) {
		console.error(`no mistake has the words: ${only}`);
		return 2;
	}
	let failed = 0;
	for (const bug of bugs) {
		const caught = await firstCatch(bug, seeds);
		if (caught === undefined) failed += 1;
		console.log(caught === undefined ? `NOT CAUGHT ${bug.name}` : `caught ${bug.name}: seed ${caught.seed}, ${caught.violation}`);
	}
	console.log(countsLine({ passed: bugs.length - failed, failed, skipped: 0 }));
	return failed === 0 ? 0 : 1;
}

function wantedOf(args: readonly string[]): { only: string; seeds: number; sample: number } | undefined {
	const text = { type: 'string' } as const;
	try {
		const { values } = parseArgs({ args: [...args], options: { seeds: text, only: text, sample: text } });
		const { only = '', seeds = `${SEEDS_MAX}`, sample = `${PLANTED_BUGS.length}` } = values;
		const wanted = { only, seeds: wholeOf(seeds), sample: wholeOf(sample) };
		return wanted.seeds > 0 && wanted.sample > 0 ? wanted : undefined;
	} catch {
		return undefined;
	}
}

/** So many in a row, from another one on with each commit. */
function sampled(bugs: readonly PlantedBug[], count: number): readonly PlantedBug[] {
	if (count >= bugs.length) return bugs;
	const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' });
	const from = Number.parseInt(stdout.slice(0, 8), 16) || 0;
	return Array.from({ length: count }, (_, at) => bugs[(from + at) % bugs.length]).filter((bug) => bug !== undefined);
}

async function firstCatch(bug: PlantedBug, seeds: number): Promise<{ seed: number; violation: string } | undefined> {
	for (let seed = 1; seed <= seeds; seed += 1) {
		const undo = bug.plant?.();
		try {
			const violation = await violationOf(bug, planOf(bug, seed));
			if (violation !== undefined && isMeant(bug, violation)) return { seed, violation: violation.slice(0, 160) };
			if (violation !== undefined) console.log(`  seed ${seed} broke something else: ${violation.slice(0, 160)}`);
		} finally {
			undo?.();
		}
	}
	return undefined;
}

async function violationOf({ isOfTwoRuns }: PlantedBug, plan: SimPlan): Promise<string | undefined> {
	if (isOfTwoRuns !== true) return (await runSim(plan)).violation;
	const hashed = { ...plan, options: { ...plan.options, isHashed: true } };
	const [first, second] = [await runSim(hashed), await runSim(hashed)];
	const isSame = first.digest === second.digest;
	return first.violation ?? second.violation ?? (isSame ? undefined : `I17: two runs were ${first.digest} and ${second.digest}`);
}

function isMeant({ catches }: PlantedBug, violation: string): boolean {
	const numbers = violation.split(':')[0]?.split(', ') ?? [];
	return catches.some((number) => numbers.includes(number));
}

function planOf({ needs = [], trades = 'bybit', saboteur, positionNotionalMax, isOfSizes }: PlantedBug, seed: number): SimPlan {
	const plan = drawSim(seed, MINUTES, trades);
	const { engine = BUSY } = plan.options;
	const limits = positionNotionalMax === undefined ? engine.limits : { ...engine.limits, positionNotionalMax };
	const kept = plan.faults.filter(({ fault }) => fault.kind !== 'kill-switch' || needs.length === 0);
	return {
		...plan,
		looksAtSizes: isOfSizes === true,
		options: { ...plan.options, engine: { ...engine, limits }, saboteur },
		faults: [...kept, ...needs.map((fault) => ({ episode: 0, fault }))],
	};
}
