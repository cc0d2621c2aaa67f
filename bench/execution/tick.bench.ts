/**
 * One whole tick, compute only: 50 symbols with 10 quotes a side, from the timer to the calls that leave: strategy,
 * clip, plan, gate, bus, dispatch. It stands for what every tick of a small firm costs before the network; a
 * regression here delays every order of that tick. Three cases: every quote moved and is amended; every quote is
 * cancelled and placed anew; nothing moved. The venue accepts everything, untimed.
 */
import { instrumentIndex } from '../../src/domain/instrument.ts';
import { ENGINE_SETTINGS } from '../../src/engine/settings.ts';
import { LADDER_DEFAULTS, ladder } from '../../src/strategy/index.ts';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, nowNs, Samples } from '../harness.ts';

const SYMBOLS = 50;
const LEVELS = 10;
const QUOTES = SYMBOLS * LEVELS * 2;
const START_TICKS = 650_000;
const TICKS = { tiny: { warmup: 2, counted: 5 }, full: { warmup: 400, counted: 2_000 } };

const STRATEGY = ladder({
	...LADDER_DEFAULTS,
	levels: { count: LEVELS, halfSpreadBps: 2, stepBps: 1 },
	inventory: { unit: 'notional', limit: 1e9, skewBps: 0, sizeSkew: 0 },
	edge: { minEdgeBps: -100, holdingHours: 0, fundingIntervalHours: 8 },
});

interface Scenario {
	readonly name: string;
	/** By how many ticks the whole market moves between two ticks; the direction alternates. */
	readonly moveTicks: number;
	readonly amendPriceThresholdBps: number;
	/** Commands that each tick has to bring about. */
	readonly commands: number;
}

const SCENARIOS: readonly Scenario[] = [
	{ name: 'all moved, amended', moveTicks: 7, amendPriceThresholdBps: 100, commands: QUOTES },
	{ name: 'all moved, cancelled and placed', moveTicks: 7, amendPriceThresholdBps: 0, commands: QUOTES * 2 },
	{ name: 'nothing moved', moveTicks: 0, amendPriceThresholdBps: 100, commands: 0 },
];

export default {
	name: 'execution/tick',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const size = tiny ? TICKS.tiny : TICKS.full;
		const cases = SCENARIOS.map((scenario) => measure(scenario, size));
		const [amended, , still] = cases;
		if (amended === undefined || still === undefined) throw new Error('three scenarios give three cases');
		return { cases, ratios: { movedP50VsStillP50: amended.p50 / still.p50 } };
	},
} satisfies Benchmark;

function measure(scenario: Scenario, size: { readonly warmup: number; readonly counted: number }): BenchCase {
	const instruments = Array.from({ length: SYMBOLS }, (_, index) =>
		makeTestInstrument({ index: instrumentIndex(index), symbol: `SYM${index}USDT` }),
	);
	const policy = { ...ENGINE_SETTINGS.policy, amendPriceThresholdBps: scenario.amendPriceThresholdBps };
	const desk = new Desk({ instruments, strategy: STRATEGY, settings: { policy } });
	const samples = new Samples(size.counted);
	let checksum = 0;
	for (let round = -1 - size.warmup; round < size.counted; round += 1) {
		const mid = START_TICKS + (round % 2 === 0 ? scenario.moveTicks : 0);
		// Untimed: books, and everything that the venue answers.
		desk.history.length = 0;
		desk.nowMs += 1_000;
		for (const instrument of instruments) desk.book(instrument, mid - 1, mid + 1);
		const startNs = nowNs();
		desk.tick(0);
		const tookMs = (nowNs() - startNs) / 1e6;
		const commands = desk.sent.reduce((sum, batch) => sum + batch.commands.length, 0);
		if (round > -1 - size.warmup && commands !== scenario.commands) {
			throw new Error(`${scenario.name}: ${commands} commands left, expected ${scenario.commands}`);
		}
		checksum = (checksum * 31 + commands) % 1_000_003;
		desk.settle();
		if (round >= 0) samples.record(tookMs);
	}
	return { name: scenario.name, unit: 'ms/tick', sampleCount: samples.count, ...samples.percentiles(), checksum };
}
