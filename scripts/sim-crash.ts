/**
 * `npm run test:crash [-- --seeds N] [--every]`: the program dies at every write of its journal, at every second moment of
 * it, with `--every` at each, in the simulated world, and has to recover (I1, I4, I5, I22). The usual seeds are each
 * venue over each road, and each kind of moment comes up in all of them. `--seed S --point W:moment` runs one point alone. That there are
 * points enough is one more test of all usual seeds: a session that hardly writes proves little. The last line says
 * `N passed, N failed, N skipped`; exit code 0: all recovered, 1: some did not, 2: wrong command line.
 */
import { parseArgs } from 'node:util';
import { CRASH_MOMENTS, type CrashMoment, type CrashPoint, runPoint, sayPoint, writesOf } from '../test/fixtures/crash-points.ts';
import { countsLine } from './test/counts.ts';

/** Four places, two roads. */
const SEEDS = 8;
const POINTS_MIN = 600;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
	const points = await pointsOf(args);
	if (typeof points === 'string') {
		console.error(points);
		return 2;
	}
	const isWhole = new Set(points.map(({ seed }) => seed)).size >= SEEDS;
	const isFew = isWhole && points.length < POINTS_MIN;
	if (isFew) console.log(`FAILED ${points.length} points in ${SEEDS} seeds, which should be ${POINTS_MIN}`);
	let failed = isFew ? 1 : 0;
	for (const point of points) {
		try {
			await runPoint(point);
		} catch (error) {
			failed += 1;
			console.log(`FAILED ${sayPoint(point)}\n  ${error instanceof Error ? error.message : String(error)}`);
		}
	}
	console.log(countsLine({ passed: points.length + (isWhole ? 1 : 0) - failed, failed, skipped: 0 }));
	return failed === 0 ? 0 : 1;
}

async function pointsOf(args: readonly string[]): Promise<readonly CrashPoint[] | string> {
	const usage = `usage: npm run test:crash [-- --seeds N [--every] | --seed S --point W:${CRASH_MOMENTS.join('|')}]`;
	let values: { seeds?: string; seed?: string; point?: string; every?: boolean };
	try {
		const text = { type: 'string' } as const;
		const options = { seeds: text, seed: text, point: text, every: { type: 'boolean' } } as const;
		({ values } = parseArgs({ args: [...args], options }));
	} catch {
		return usage;
	}
	const seeds = values.seed === undefined ? firstSeeds(Number(values.seeds ?? SEEDS)) : [Number(values.seed)];
	if (seeds.length === 0 || !seeds.every((seed) => Number.isSafeInteger(seed))) return usage;
	const { every = false } = values;
	if (values.point === undefined) return (await Promise.all(seeds.map((seed) => pointsIn(seed, every)))).flat();
	const [write = '', moment = ''] = values.point.split(':');
	const [seed] = seeds;
	if (seed === undefined || !Number.isSafeInteger(Number(write)) || !isMoment(moment)) return usage;
	return [{ seed, write: Number(write), moment }];
}

async function pointsIn(seed: number, isEvery: boolean): Promise<readonly CrashPoint[]> {
	const writes = await writesOf(seed);
	return writes.flatMap((write) =>
		CRASH_MOMENTS.filter((_, at) => isEvery || (write + at) % 2 === 0).map((moment) => ({ seed, write, moment })),
	);
}

function firstSeeds(count: number): readonly number[] {
	return Array.from({ length: Number.isSafeInteger(count) && count > 0 ? count : 0 }, (_, index) => index + 1);
}

function isMoment(text: string): text is CrashMoment {
	return CRASH_MOMENTS.some((moment) => moment === text);
}
