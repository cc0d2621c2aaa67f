/**
 * `npm run test:sim -- --twice [--seeds N] [--minutes M] [--seed S] [--json]`: holds two runs of each seed against each other
 * (I17). They run in processes of their own, one of them from the last seed to the first: what a run leaves behind in its
 * process must not matter to the next one. Compared is a hash over every event, every effect and every byte on the wire with
 * its moment, up to where a judge stopped the run, if one did. Exit code 0: all agree, 1: some do not, 2: wrong command line.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countsLine } from './test/counts.ts';

interface Difference {
	readonly seed: number;
	readonly first: string;
	readonly second: string;
}

interface Wanted {
	readonly firstSeed: number;
	readonly seeds: number;
	readonly minutes: number;
	readonly json: boolean;
}

export async function mainTwice(args: readonly string[]): Promise<number> {
	const wanted = wantedOf(args);
	if (wanted === undefined) {
		console.error('usage: npm run test:sim -- --twice [--seeds N] [--minutes M] [--seed S] [--json]');
		return 2;
	}
	const { firstSeed, seeds, minutes, json } = wanted;
	const differing = await runTwice(
		Array.from({ length: seeds }, (_, at) => firstSeed + at),
		minutes,
	);
	for (const { seed, first, second } of differing)
		console.log(`FAILED seed ${seed}: I17: run twice, it was ${first} and ${second}`);
	// All of them, since one may differ for what another one left behind.
	if (differing.length > 0)
		console.log(`again: npm run test:sim -- --twice --seeds ${seeds} --minutes ${minutes} --seed ${firstSeed}`);
	const violations = differing.length;
	console.log(
		json ? JSON.stringify({ seeds, violations }) : countsLine({ passed: seeds - violations, failed: violations, skipped: 0 }),
	);
	return violations === 0 ? 0 : 1;
}

async function runTwice(seeds: readonly number[], minutes: number): Promise<readonly Difference[]> {
	const [forwards, backwards] = await Promise.all([hashesOf(seeds, minutes), hashesOf(seeds.toReversed(), minutes)]);
	return seeds.flatMap((seed) => {
		const [first = 'not run', second = 'not run'] = [forwards.get(seed), backwards.get(seed)];
		return first === second && forwards.has(seed) ? [] : [{ seed, first, second }];
	});
}

/** In this order, in one process. */
async function hashesOf(seeds: readonly number[], minutes: number): Promise<ReadonlyMap<number, string>> {
	const script = fileURLToPath(new URL('sim-hashes.ts', import.meta.url));
	const told = [script, `${minutes}`, ...seeds.map(String)];
	const child = spawn(process.execPath, [...process.execArgv, ...told], { stdio: ['ignore', 'pipe', 'inherit'] });
	const hashes = new Map<number, string>();
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		output += text;
	});
	return new Promise((settle, fail) => {
		child.once('error', fail);
		child.once('close', () => {
			for (const line of output.trimEnd().split('\n')) {
				const [seed = '', hash = ''] = line.split(' ');
				hashes.set(Number(seed), hash);
			}
			settle(hashes);
		});
	});
}

function wantedOf(args: readonly string[]): Wanted | undefined {
	const text = { type: 'string' } as const;
	const flag = { type: 'boolean' } as const;
	try {
		const options = { twice: flag, seeds: text, minutes: text, seed: text, json: flag };
		const { values } = parseArgs({ args: [...args], options });
		const { seeds = '10', minutes = '4', seed = '1', json = false } = values;
		const wanted = { firstSeed: Number(seed), seeds: Number(seeds), minutes: Number(minutes), json };
		const isWhole = [wanted.firstSeed, wanted.seeds].every((value) => Number.isSafeInteger(value) && value >= 0);
		return isWhole && wanted.seeds > 0 && wanted.minutes > 0 ? wanted : undefined;
	} catch {
		return undefined;
	}
}
