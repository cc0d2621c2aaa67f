/**
 * A tick of 50 symbols with 10 quotes a side, compute only, with traces off, with traces recorded, and with all that
 * becomes of them on the main thread: spans of the SDK, put into requests for a collector. It stands for what it costs to
 * look into single ticks; with traces off that has to be nothing. What is off cannot be taken out of the engine for a
 * comparison, so all calls that a tick makes are timed by themselves.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { instrumentIndex } from '../../src/domain/instrument.ts';
import { ENGINE_SETTINGS } from '../../src/engine/settings.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { NO_TRACER, type Tracer } from '../../src/ports/tracer.ts';
import { LADDER_DEFAULTS, ladder } from '../../src/strategy/index.ts';
import { openTraces } from '../../src/telemetry/trace/traces.ts';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, nowNs, Samples } from '../harness.ts';

const SYMBOLS = 50;
const START_TICKS = 650_000;
const SCENARIOS = [
	{ name: 'all moved', moveTicks: 7 },
	{ name: 'nothing moved', moveTicks: 0 },
];
const ROUNDS = { tiny: { warmup: 2, counted: 4 }, full: { warmup: 300, counted: 1_500 } };

const STRATEGY = ladder({
	...LADDER_DEFAULTS,
	levels: { count: 10, halfSpreadBps: 2, stepBps: 1 },
	inventory: { unit: 'notional', limit: 1e9, skewBps: 0, sizeSkew: 0 },
	edge: { minEdgeBps: -100, holdingHours: 0, fundingIntervalHours: 8 },
});

export default {
	name: 'telemetry/tracing',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const size = tiny ? ROUNDS.tiny : ROUNDS.full;
		await using collector = await openCollector();
		const cases: BenchCase[] = [];
		const ratios: Record<string, number> = {};
		for (const scenario of SCENARIOS) {
			const { off, recorded, told, noCalls } = await measure(scenario, size, collector.url);
			cases.push(off, recorded, told, noCalls);
			ratios[`${scenario.name}: off within 1 %`] = (off.p50 * 0.01) / noCalls.p50;
			ratios[`${scenario.name}: on, in the tick`] = off.p50 / recorded.p50;
			ratios[`${scenario.name}: on, with the SDK`] = off.p50 / told.p50;
		}
		return { cases, ratios };
	},
} satisfies Benchmark;

type Way = 'off' | 'recorded' | 'told' | 'noCalls';

async function measure(
	{ name, moveTicks }: (typeof SCENARIOS)[number],
	{ warmup, counted }: (typeof ROUNDS)['full'],
	url: string,
): Promise<Record<Way, BenchCase>> {
	const timers: (() => void)[] = [];
	const recorded = await tracesTo(url, []);
	const told = await tracesTo(url, timers);
	const desks = { off: deskOf(NO_TRACER), recorded: deskOf(recorded.tracer), told: deskOf(told.tracer) };
	const callCount = countCalls(moveTicks);
	const samples = mapWays(() => new Samples(counted));
	const checksums = mapWays(() => 0);
	for (let round = -warmup; round < counted; round += 1) {
		const mid = START_TICKS + (round % 2 === 0 ? moveTicks : 0);
		const order: Way[] = round % 2 === 0 ? ['off', 'recorded', 'told', 'noCalls'] : ['noCalls', 'told', 'recorded', 'off'];
		for (const way of order) {
			if (way !== 'noCalls') move(desks[way], mid);
			const startNs = nowNs();
			let done = callCount;
			if (way === 'noCalls') callNobody(callCount);
			else done = tick(desks[way]);
			let tookNs = nowNs() - startNs;
			if (way !== 'noCalls') desks[way].settle();
			if (way === 'told') tookNs += timeOf(timers);
			checksums[way] = (checksums[way] * 31 + done) % 1_000_003;
			if (round >= 0) samples[way].record(tookNs / 1e6);
			// The collector answers here, untimed.
			await turn();
		}
	}
	await recorded[Symbol.asyncDispose]();
	await told[Symbol.asyncDispose]();
	return mapWays((way) => ({
		...{ name: `${name}, ${TITLES[way]}`, unit: 'ms/tick', sampleCount: samples[way].count },
		...samples[way].percentiles(),
		checksum: checksums[way],
	}));
}

const TITLES: Record<Way, string> = {
	off: 'off',
	recorded: 'on, in the tick',
	told: 'on, with the SDK and its requests',
	noCalls: 'off, all calls of a tick alone',
};

function mapWays<T>(make: (way: Way) => T): Record<Way, T> {
	return { off: make('off'), recorded: make('recorded'), told: make('told'), noCalls: make('noCalls') };
}

function deskOf(tracer: Tracer): Desk {
	const instruments = Array.from({ length: SYMBOLS }, (_, index) =>
		makeTestInstrument({ index: instrumentIndex(index), symbol: `SYM${index}USDT` }),
	);
	return new Desk({
		...{ instruments, strategy: STRATEGY, tracer },
		settings: { policy: { ...ENGINE_SETTINGS.policy, amendPriceThresholdBps: 100 } },
	});
}

function move(desk: Desk, mid: number): void {
	desk.history.length = 0;
	desk.nowMs += 1_000;
	for (const instrument of desk.instruments) desk.book(instrument, mid - 1, mid + 1);
}

function tick(desk: Desk): number {
	desk.tick(0);
	return desk.sent.reduce((sum, { commands }) => sum + commands.length, 0);
}

/** How often a tick calls its tracer. */
function countCalls(moveTicks: number): number {
	let count = 0;
	const span = {
		start: () => {
			count += 1;
			return span;
		},
		next: () => {
			count += 1;
			return span;
		},
		set: () => {
			count += 1;
		},
		end: () => {
			count += 1;
		},
	};
	const desk = deskOf({ start: span.start });
	for (let round = 0; round < 4; round += 1) {
		move(desk, START_TICKS + (round % 2 === 0 ? moveTicks : 0));
		count = 0;
		tick(desk);
		desk.settle();
	}
	return count;
}

function callNobody(count: number): void {
	let span = NO_TRACER.start('tick');
	for (let i = 0; i < count; i += 3) {
		span = span.start('symbol', 'bybit:linear:BTCUSDT');
		span.set('commands', i);
		span.end();
	}
}

/** Its timers fire when the benchmark says so; without a list they never do. */
async function tracesTo(url: string, timers: (() => void)[]) {
	const real = systemClock();
	const clock: Clock = {
		wallMs: () => real.wallMs(),
		monotonicMs: () => real.monotonicMs(),
		after: (_, callback) => {
			timers.push(callback);
			return { cancel: () => {} };
		},
	};
	const opened = await openTraces({ url, clock, about: {}, onSay: (sentence) => fail(sentence) });
	return opened.kind === 'open' ? opened.traces : fail(opened.sentence);
}

function fail(sentence: string): never {
	throw new Error(sentence);
}

function timeOf(timers: (() => void)[]): number {
	const startNs = nowNs();
	for (let timer = timers.shift(); timer !== undefined; timer = timers.shift()) timer();
	return nowNs() - startNs;
}

async function openCollector(): Promise<AsyncDisposable & { readonly url: string }> {
	const server = createServer((request, response) => {
		request.resume();
		request.on('end', () => response.end('{}'));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		[Symbol.asyncDispose]: async () => {
			server.closeAllConnections();
			server.close();
		},
	};
}
