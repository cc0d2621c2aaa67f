/**
 * A full requote within the venue's own limits: from the wish for other prices until every order stands there. It is held
 * against the time that the limits themselves take, for our share of them and with nobody ever late: on Binance the windows
 * of its own clock, on Bybit a bucket that fills steadily. A refusal by the venue fails the benchmark.
 */
import { BUDGET_OPTIONS } from '../../src/execution/rate-budget.ts';
import { LIMIT_RULES } from '../../src/venues/binance/weights.ts';
import { type BenchCase, Samples } from '../harness.ts';
import { openBenchBox } from './tick-box.ts';
import { OurApp } from './tick-ours.ts';
import type { Measured } from './tick-race.ts';
import { type Elsewhere, openTrades, PLACES, workWithCoins } from './tick-venues.ts';
import { type Kind, ORDERS_PER_SYMBOL } from './tick-work.ts';

export interface Limited {
	readonly venue: Elsewhere['venue'];
	/** Fits into one window, so that nothing waits. */
	readonly isTiny: boolean;
	readonly roundTripMs: number;
	readonly isAsked: (title: string) => boolean;
}

interface Size {
	readonly kind: Kind;
	/** So many that several windows are needed. */
	readonly symbols: number;
	readonly rounds: number;
}

const SIZES: Readonly<Record<Limited['venue'], readonly Size[]>> = {
	'binance-futures': [
		{ kind: 'replace', symbols: 30, rounds: 4 },
		{ kind: 'requote', symbols: 30, rounds: 4 },
	],
	'binance-spot': [{ kind: 'replace', symbols: 20, rounds: 3 }],
	mixed: [{ kind: 'replace', symbols: 36, rounds: 4 }],
};
const TINY: Size = { kind: 'replace', symbols: 2, rounds: 1 };
/** Until no window knows of the last requote any more; and each begins elsewhere in a window. */
const REST_MS = 12_000;
const PHASE_MS = 2_000;
const BYBIT_PER_SEC = 10;

export async function measureLimited(limited: Limited, { cases, ratios }: Measured): Promise<void> {
	const { venue, isTiny, roundTripMs, isAsked } = limited;
	for (const size of isTiny ? [TINY] : SIZES[venue]) {
		const { kind, symbols, rounds } = size;
		const title = `${venue}, within the limits, ${symbols} × (${kind === 'replace' ? '10 cancels + 10 places' : '10 amends'})`;
		if (!isAsked(title)) continue;
		if (!isTiny) console.error(`  ${title}`);
		await using box = await openBenchBox({ roundTripMs, symbolCount: symbols, hasBinance: true, limits: 'venue' });
		const work = await workWithCoins(box, symbols);
		await using app = await OurApp.open(work, openTrades(box, work, { venue, channel: 'ws' }), 'venue');
		const [took, ideal, overIdeal] = [new Samples(rounds), new Samples(rounds), new Samples(rounds)];
		await app.requote(kind);
		for (let round = 0; round < rounds; round += 1) {
			if (!isTiny) await pause(REST_MS + round * PHASE_MS);
			const idealMs = idealOf(venue, symbols, Date.now()) + roundTripMs;
			const ms = await app.requote(kind);
			if (app.rateRefusals.length > 0) throw new Error(`${title}: refused for want of room: ${app.rateRefusals.join(', ')}`);
			took.record(ms);
			ideal.record(idealMs);
			overIdeal.record(ms / idealMs);
		}
		const caseOf = (name: string, unit: string, samples: Samples): BenchCase => {
			return { name: `${title}: ${name}`, unit, sampleCount: samples.count, ...samples.percentiles() };
		};
		cases.push(caseOf('a full requote', 'ms', took), caseOf('ideal', 'ms', ideal));
		cases.push(caseOf('in ideals', 'ideals', overIdeal));
		ratios[`${title}: ideal vs ours, the worst`] = 1 / overIdeal.percentiles().max;
	}
}

/** Of the place that has to wait longest. */
function idealOf(venue: Limited['venue'], symbols: number, atMs: number): number {
	const places = PLACES[venue];
	const waits = places.map((place, turn) => {
		const orders = Math.ceil((symbols - turn) / places.length) * ORDERS_PER_SYMBOL;
		if (place.venue === 'bybit') return idealOnBybit(orders);
		const rule = LIMIT_RULES[place.category].find(({ kind }) => kind === 'orders');
		return rule === undefined ? 0 : idealInWindows(orders, rule, atMs);
	});
	return Math.max(...waits);
}

/** All that fits now, and as much again whenever a window begins. */
function idealInWindows(
	orders: number,
	{ limit, windowMs }: { readonly limit: number; readonly windowMs: number },
	atMs: number,
): number {
	const windows = Math.ceil(orders / Math.floor(limit * BUDGET_OPTIONS.share));
	return windows === 1 ? 0 : (windows - 1) * windowMs - (atMs % windowMs);
}

/** A full bucket at the start, then so many tokens a second. */
function idealOnBybit(orders: number): number {
	const perSec = Math.floor(BYBIT_PER_SEC * BUDGET_OPTIONS.share);
	return Math.max(0, ((orders - perSec) * 1_000) / perSec);
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => {
		setTimeout(resolve, ms);
	});
}
