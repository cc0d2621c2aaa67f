/**
 * What it costs to be watched by Prometheus. A scrape of an engine with 200 symbols, all quoted and all held: the text as
 * a whole, and for how long the loop stands still at most, since a tick may have to wait for that; ours beside the same
 * text made in one go. And what is counted beside the engine during a tick of 50 symbols, against the tick itself.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Figures } from '../../src/app/console/figures.ts';
import type { FiguredApp } from '../../src/app/metering/engine-figures.ts';
import { Metering } from '../../src/app/metering/metering.ts';
import { Portfolio } from '../../src/app/portfolio.ts';
import { instrumentIndex } from '../../src/domain/instrument.ts';
import type { EngineEffect } from '../../src/engine/ports.ts';
import { ENGINE_SETTINGS } from '../../src/engine/settings.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { LADDER_DEFAULTS, ladder } from '../../src/strategy/index.ts';
import { PrometheusMeter } from '../../src/telemetry/prometheus-meter.ts';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, nowNs, Samples } from '../harness.ts';

const MID = 650_000;
/** So long the loop may stand still for a scrape. */
const HOLD_MS_MAX = 5;
const SIZES = {
	tiny: { symbols: 5, scrapes: 2, warmupScrapes: 0, ticks: 4, warmupTicks: 2 },
	full: { symbols: 200, scrapes: 100, warmupScrapes: 20, ticks: 1_000, warmupTicks: 200 },
};
const TICKED_SYMBOLS = 50;

export default {
	name: 'telemetry/scrape',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const size = tiny ? SIZES.tiny : SIZES.full;
		const scraped = await measureScrapes(size);
		const { tick, counting } = measureTicks(size);
		return {
			cases: [scraped.whole, scraped.hold, scraped.inOneGo, tick, counting],
			ratios: {
				holdWithin5Ms: HOLD_MS_MAX / scraped.hold.p99,
				holdVsInOneGo: scraped.inOneGo.p50 / scraped.hold.p50,
				countingVsTick: tick.p50 / counting.p50,
			},
		};
	},
} satisfies Benchmark;

type Size = (typeof SIZES)['full'];

function deskOf(symbols: number): Desk {
	const instruments = Array.from({ length: symbols }, (_, index) =>
		makeTestInstrument({ index: instrumentIndex(index), symbol: `SYM${index}USDT`, baseCurrency: `SYM${index}` }),
	);
	const strategy = ladder({
		...LADDER_DEFAULTS,
		levels: { count: 10, halfSpreadBps: 2, stepBps: 1 },
		inventory: { unit: 'notional', limit: 1e9, skewBps: 0, sizeSkew: 0 },
		edge: { minEdgeBps: -100, holdingHours: 0, fundingIntervalHours: 8 },
	});
	return new Desk({
		...{ instruments, strategy },
		settings: { policy: { ...ENGINE_SETTINGS.policy, amendPriceThresholdBps: 100, minTimeInBookMs: 0 } },
	});
}

function move(desk: Desk, mid: number): void {
	desk.history.length = 0;
	desk.nowMs += 1_000;
	for (const instrument of desk.instruments) desk.book(instrument, mid - 1, mid + 1);
}

async function measureScrapes({
	symbols,
	scrapes,
	warmupScrapes,
}: Size): Promise<Record<'whole' | 'hold' | 'inOneGo', BenchCase>> {
	const desk = deskOf(symbols);
	move(desk, MID);
	desk.tick();
	desk.settle();
	for (const order of desk.engine.openOrders().filter(({ slot }) => slot === 0)) desk.fill(order, order.qtyLots);
	const clock = systemClock();
	const { instruments, engine } = desk;
	const portfolio = new Portfolio({ clock, engine, instruments });
	const app = { engine, portfolio, instruments, venues: [] } as unknown as FiguredApp;
	const samples = { whole: new Samples(scrapes), hold: new Samples(scrapes), inOneGo: new Samples(scrapes) };
	let [resumedNs, longestNs] = [0, 0];
	const endHold = (): void => {
		longestNs = Math.max(longestNs, nowNs() - resumedNs);
	};
	const pause = async (): Promise<void> => {
		endHold();
		await turn();
		resumedNs = nowNs();
	};
	using paused = watching(app, new PrometheusMeter({ pause }));
	using inOneGo = watching(app, new PrometheusMeter());
	for (let round = -warmupScrapes; round < scrapes; round += 1) {
		longestNs = 0;
		resumedNs = nowNs();
		const startNs = resumedNs;
		const { length } = await paused.metering.meter.text();
		endHold();
		const wholeNs = nowNs() - startNs;
		await turn();
		const goNs = nowNs();
		const { length: sameLength } = await inOneGo.metering.meter.text();
		const goneNs = nowNs() - goNs;
		if (length < symbols * 500 || sameLength < symbols * 500) throw new Error(`a text of ${length} characters`);
		if (round < 0) continue;
		samples.whole.record(wholeNs / 1e6);
		samples.hold.record(longestNs / 1e6);
		samples.inOneGo.record(goneNs / 1e6);
	}
	const caseOf = (name: string, of: Samples): BenchCase => ({ name, unit: 'ms', sampleCount: of.count, ...of.percentiles() });
	return {
		whole: caseOf(`scrape of ${symbols} symbols, whole`, samples.whole),
		hold: caseOf('longest time that the loop stood still', samples.hold),
		inOneGo: caseOf('the same in one go', samples.inOneGo),
	};
}

function watching(app: FiguredApp, meter: PrometheusMeter): Disposable & { readonly metering: Metering } {
	const clock = systemClock();
	const metering = new Metering(clock, meter);
	const worked = new Figures(clock);
	worked.watch(app);
	metering.watch(app, {
		transport: { pools: () => [] },
		outlets: { figures: {} },
		run: { mode: 'sim', version: 'bench' },
		worked,
		alarm: { list: () => [], begunByCode: () => new Map() },
	});
	return { metering, [Symbol.dispose]: () => metering[Symbol.dispose]() };
}

function measureTicks({ ticks, warmupTicks }: Size): Record<'tick' | 'counting', BenchCase> {
	const desk = deskOf(TICKED_SYMBOLS);
	using metering = new Metering(systemClock());
	metering.events.watch(desk.instruments);
	const samples = { tick: new Samples(ticks), counting: new Samples(ticks) };
	let checksum = 0;
	for (let round = -warmupTicks; round < ticks; round += 1) {
		move(desk, MID + (round % 2 === 0 ? 7 : 0));
		const tickNs = nowNs();
		const effects: readonly EngineEffect[] = desk.tick();
		const tookNs = nowNs() - tickNs;
		const batches = [...desk.sent];
		desk.settle();
		const answers = batches.map(({ batchId, commands }) => {
			const items = commands.map(({ orderId, kind }) => {
				return { orderId, verb: kind, outcome: { kind: 'accepted' as const, venueOrderId: undefined } };
			});
			return { kind: 'answer' as const, batchId, items, ...desk.at() };
		});
		const countNs = nowNs();
		for (const effect of effects) metering.events.output(effect);
		for (const answer of answers) metering.events.input(answer);
		const countedNs = nowNs() - countNs;
		checksum = (checksum * 31 + batches.length) % 1_000_003;
		if (round < 0) continue;
		samples.tick.record(tookNs / 1e6);
		samples.counting.record(countedNs / 1e6);
	}
	const caseOf = (name: string, of: Samples): BenchCase => ({
		name,
		unit: 'ms/tick',
		sampleCount: of.count,
		...of.percentiles(),
		checksum,
	});
	return {
		tick: caseOf(`tick of ${TICKED_SYMBOLS} symbols`, samples.tick),
		counting: caseOf('what is counted of it', samples.counting),
	};
}
