/**
 * What a tick takes on this machine: an engine that takes all its orders from one ladder to another, tick by tick, at an
 * exchange in a box that is a process of its own; and between any two ticks a bare round trip, which is the least that
 * any program can do with.
 */
import type { Instrument } from '../../domain/instrument.ts';
import { lots, ticks } from '../../domain/units.ts';
import { systemClock } from '../../network/system-clock.ts';
import type { Wish } from '../wishes.ts';
import { openRoundTrips } from './round-trips.ts';
import type { Place } from './speed-place.ts';
import { TickApp, type TickRoad, tradesOnBybit } from './tick-app.ts';
import { type TickSpeed, TickTally } from './tick-tally.ts';

/** As many as the ladder quotes at most. */
export const TICK_LEVELS_MAX = 16;

export interface TickSpeedOptions {
	readonly box: Place;
	readonly symbols: readonly string[];
	/** A side. */
	readonly levels: number;
	readonly road: TickRoad;
	readonly tickCount: number;
	/** Where the journal lies meanwhile. */
	readonly folder: string;
	/** Processor time of ours so far. */
	readonly cpuMs: () => number;
	/** After each tick that counts. */
	readonly onTick: (doneCount: number) => void;
	/** True: it ends with what there is. */
	readonly isCalledOff: () => boolean;
}

const WARM_UP_TICKS = 20;
/** Between two ticks, until streams are silent. */
const REST_MS = 40;
const LOOK_EVERY_MS = 5;
const STANDS_WITHIN_MS = 5_000;

/** In ticks: from the middle, between levels, and between the ladders, which share no price. */
const NEAREST = 40;
const LEVEL_STEP = 2;
const LADDER_SHIFT = 1;

export async function measureTicks(options: TickSpeedOptions): Promise<TickSpeed> {
	const { box, symbols, road, folder, levels, tickCount, isCalledOff, onTick } = options;
	const [account] = box.accounts;
	if (account === undefined) throw new Error('the exchange in a box has no account');
	const tally = new TickTally();
	await using roundTrips = await openRoundTrips(box, road);
	await using ticker = await TickApp.open({
		...tradesOnBybit(box, account, { symbols, road }),
		folder,
		onCommit: (ms) => tally.hearCommit(ms),
	});
	const ladders = laddersOf(ticker, levels);
	const want = (tick: number): void => {
		ticker.want((instrument) => ladders(instrument, tick % 2 === 0 ? 0 : LADDER_SHIFT));
	};
	// The first one has nothing to cancel.
	want(0);
	await ticker.tick();
	await stands(ticker);
	const expected = symbols.length * levels * 4;
	for (let tick = 1; tally.ticks < tickCount && !isCalledOff(); tick += 1) {
		const roundTripMs = await roundTrips.measure();
		const cpuBeforeMs = options.cpuMs();
		want(tick);
		const commits = tally.beginTick();
		const { ms, calls, commands } = await ticker.tick();
		await pause(REST_MS);
		const cpuMs = options.cpuMs() - cpuBeforeMs;
		const isWhole = (await stands(ticker)) && commands === expected && !Number.isNaN(ms);
		if (isWhole) tally.keep({ roundTripMs, ms, calls, commands, cpuMs, commits, counts: tick > WARM_UP_TICKS });
		else tally.drop();
		if (tally.ticks > 0) onTick(tally.ticks);
	}
	return tally.told(ticker.sentOver);
}

/** Both sides of each book, as it is now: the market rests. */
function laddersOf(ticker: TickApp, levels: number): (instrument: Instrument, shift: number) => readonly Wish[] {
	const { engine, instruments } = ticker.app;
	const middles = instruments.map(({ index }) => Math.round((engine.market(index)?.book.midTwiceTicks ?? 0) / 2));
	return (instrument, shift) => {
		const middle = middles[instrument.index] ?? 0;
		return Array.from({ length: levels }, (_, level) => {
			const distance = NEAREST + level * LEVEL_STEP + shift;
			const below = wish(instrument, 'buy', middle - distance);
			return [below, wish(instrument, 'sell', middle + distance)];
		}).flat();
	};
}

/** No larger than the venue takes: the account has to carry all of them at once. */
function wish({ qtyLotsMin, notionalTickLotsMin }: Instrument, side: Wish['side'], priceTicks: number): Wish {
	const least = Math.max(qtyLotsMin, Math.ceil(notionalTickLotsMin / priceTicks));
	return { side, priceTicks: ticks(priceTicks), qtyLots: lots(least) };
}

async function stands(ticker: TickApp): Promise<boolean> {
	const clock = systemClock();
	const untilMono = clock.monotonicMs() + STANDS_WITHIN_MS;
	while (!ticker.isAsWanted) {
		if (clock.monotonicMs() > untilMono) return false;
		await pause(LOOK_EVERY_MS);
	}
	return true;
}

async function pause(ms: number): Promise<void> {
	await new Promise<void>((resolve) => systemClock().after(ms, resolve));
}
