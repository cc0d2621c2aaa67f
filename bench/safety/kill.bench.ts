/**
 * A kill under load, over real sockets: the engine replaces all quotes of 24 symbols without a pause, and somebody pulls
 * the plug. It stands for the last thing that must work when nothing else does: the first cancel is on the wire within
 * 50 ms at p99, no create or amend leaves after the call, and the venue is empty within what its limits allow (I10).
 * The exchange in a box is a process of its own, 10 ms away; first with its rate limits lifted, then with its own, where
 * the ideal is a bucket that gives ten cancels a second and is full at the start.
 */
import { extraNames } from '../../src/exchange/market/extra.ts';
import { openBenchBox } from '../app/tick-box.ts';
import { ORDERS_PER_SYMBOL, workOf } from '../app/tick-work.ts';
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, Samples } from '../harness.ts';
import { type Killed, kill } from './kill-app.ts';

interface Size {
	readonly symbols: number;
	readonly kills: number;
	readonly loadMs: number;
}

const ROUND_TRIP_MS = 10;
/** What Bybit grants for cancels. */
const CANCELS_PER_SEC = 10;
const LIFTED = { tiny: { symbols: 2, kills: 1, loadMs: 50 }, full: { symbols: 24, kills: 50, loadMs: 500 } };
/** As often as was asked for, at most, until there is something to be timed. */
const ATTEMPTS_MAX = 10;
const VENUES_OWN = { tiny: { symbols: 1, kills: 1, loadMs: 0 }, full: { symbols: 20, kills: 2, loadMs: 0 } };

export default {
	name: 'safety/kill',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const [lifted, own] = tiny ? [LIFTED.tiny, VENUES_OWN.tiny] : [LIFTED.full, VENUES_OWN.full];
		const cases: BenchCase[] = [];
		const ratios: Record<string, number> = {};
		for (const orderEntry of ['ws', 'rest'] as const) {
			const killed = await kills(lifted, orderEntry, 'off');
			const first = tell(
				cases,
				`${orderEntry}, limits lifted: first cancel`,
				killed.flatMap(({ firstCancelMs }) => firstCancelMs ?? []),
			);
			ratios[`${orderEntry}, 50 ms vs first cancel at p99`] = 50 / first.p99;
			tell(
				cases,
				`${orderEntry}, limits lifted: empty`,
				killed.map(({ emptyMs }) => emptyMs),
			);
			tell(
				cases,
				`${orderEntry}, limits lifted: orders that stood`,
				killed.map(({ standing }) => standing),
				'orders',
			);
			const slow = await kills(own, orderEntry, 'venue');
			tell(
				cases,
				`${orderEntry}, the venue's limits: first cancel`,
				slow.flatMap(({ firstCancelMs }) => firstCancelMs ?? []),
			);
			const idealMs = (each: Killed): number =>
				Math.max(3 * ROUND_TRIP_MS, ((each.standing - CANCELS_PER_SEC) / CANCELS_PER_SEC) * 1_000);
			const empty = tell(
				cases,
				`${orderEntry}, the venue's limits: empty, in ideal times`,
				slow.map((each) => each.emptyMs / idealMs(each)),
				'ideals',
			);
			ratios[`${orderEntry}, 1.1 ideal times vs empty`] = 1.1 / empty.max;
		}
		return { cases, ratios };
	},
} satisfies Benchmark;

async function kills(
	{ symbols, kills: count, loadMs }: Size,
	orderEntry: 'ws' | 'rest',
	limits: 'off' | 'venue',
): Promise<readonly Killed[]> {
	await using box = await openBenchBox({ roundTripMs: ROUND_TRIP_MS, symbolCount: symbols, limits });
	const work = workOf(extraNames(symbols));
	const killed: Killed[] = [];
	// Now and then a kill finds everything being cancelled already: then there is no first cancel to be timed.
	for (let at = 0; at < count || (isNothingTimed(killed) && at < ATTEMPTS_MAX * count); at += 1) {
		// At another instant of the replacing each time; without load the bucket is full.
		const each = await kill({
			box,
			work,
			orderEntry,
			limits,
			standing: symbols * ORDERS_PER_SYMBOL,
			loadMs: loadMs === 0 ? 0 : loadMs + ((at * 7) % 50),
		});
		if (each.newAfter > 0) throw new Error(`${each.newAfter} creates or amends left after the kill`);
		if (each.leftAtVenue > 0) throw new Error(`the venue has ${each.leftAtVenue} orders after the kill`);
		killed.push(each);
	}
	return killed;
}

function isNothingTimed(killed: readonly Killed[]): boolean {
	return killed.every(({ firstCancelMs }) => firstCancelMs === undefined);
}

function tell(cases: BenchCase[], name: string, values: readonly number[], unit = 'ms') {
	const samples = new Samples(values.length);
	for (const value of values) samples.record(value);
	const percentiles = samples.percentiles();
	cases.push({ name, unit, sampleCount: samples.count, ...percentiles });
	return percentiles;
}
