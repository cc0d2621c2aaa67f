/**
 * What time series cost whoever trades: a whole tick of 50 symbols, compute only, alone and with 100 points beside it,
 * which at 20 ticks a second is 2,000 points a second; and one point by itself. The database is away, so the thread that
 * writes is busy with the disk. A regression here delays every tick of a firm that watches itself.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { instrumentIndex } from '../../src/domain/instrument.ts';
import { ENGINE_SETTINGS } from '../../src/engine/settings.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { InfluxWriter } from '../../src/storage/influx/influx-writer.ts';
import type { Series } from '../../src/storage/influx/point-outbox.ts';
import { LADDER_DEFAULTS, ladder } from '../../src/strategy/index.ts';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { type Benchmark, type BenchOptions, type BenchResult, measurePaired, type Variant } from '../harness.ts';

const SYMBOLS = 50;
const ROWS_PER_TICK = 95;
const POINTS_PER_TICK = 5;
const POINTS = 1_000;
const START_TICKS = 650_000;
const MOVE_TICKS = 7;
const SIZES = {
	tiny: { tick: { rounds: 2, warmupRounds: 1 }, point: { rounds: 2, warmupRounds: 1 } },
	full: { tick: { rounds: 600, warmupRounds: 100 }, point: { rounds: 60, warmupRounds: 10 } },
};
/** Until the other thread has taken what was written: no event is heard while we measure. */
const SETTLE_MS = 1_000;
/** Nobody listens there, and it says so at once. */
const NOWHERE = 'http://127.0.0.1:9';

const STRATEGY = ladder({
	...LADDER_DEFAULTS,
	levels: { count: 10, halfSpreadBps: 2, stepBps: 1 },
	inventory: { unit: 'notional', limit: 1e9, skewBps: 0, sizeSkew: 0 },
	edge: { minEdgeBps: -100, holdingHours: 0, fundingIntervalHours: 8 },
});

export default {
	name: 'storage/influx',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
		const writer = writerInto(folder);
		try {
			const size = tiny ? SIZES.tiny : SIZES.full;
			const series = seriesOf(writer);
			const ticks = await measurePaired({
				...size.tick,
				workPerRun: 1,
				work: 'tick',
				variants: { 'tick alone': tick(() => {}), 'tick with points': tick(() => writeSome(writer, series)) },
			});
			if (!tiny) await sleep(SETTLE_MS);
			const points = await measurePaired({
				...size.point,
				workPerRun: POINTS,
				work: 'point',
				variants: {
					row: () => repeated((number) => series[number % SYMBOLS]?.write(Date.now(), number, 2, 3, 4, 5, 6, 7)),
					point: () => repeated((number) => writer.writePoint(pointOf(number))),
				},
			});
			// What is thrown away costs less than what is written.
			if (writer.figures.lostCount > 0) throw new Error(`${writer.figures.lostCount} points were lost`);
			return {
				cases: [...Object.values(ticks.cases), ...Object.values(points.cases)],
				ratios: { withPointsVsAlone: ticks.ratio({ theirs: 'tick alone', ours: 'tick with points' }) },
			};
		} finally {
			await writer[Symbol.asyncDispose]();
			rmSync(folder, { recursive: true });
		}
	},
} satisfies Benchmark;

function writerInto(folder: string): InfluxWriter {
	return new InfluxWriter({
		clock: systemClock(),
		target: { url: NOWHERE, api: 'v1', database: 'd', org: 'o' },
		...{ batchSize: 1_000, flushMs: 2_000, spillFolder: folder, spillBytesMax: 1e9 },
		onSay: () => {},
	});
}

function seriesOf(writer: InfluxWriter): readonly Series[] {
	const fields = ['bid', 'ask', 'mid', 'mark', 'last', 'funding_rate', 'position'];
	return Array.from({ length: SYMBOLS }, (_, i) =>
		writer.series({ measurement: 'prices', tags: { venue: 'bybit', category: 'linear', symbol: `SYM${i}USDT` }, fields }),
	);
}

function writeSome(writer: InfluxWriter, series: readonly Series[]): void {
	for (let i = 0; i < ROWS_PER_TICK; i += 1) series[i % SYMBOLS]?.write(Date.now(), i, 2, 3, 4, 5, 6, 7);
	for (let i = 0; i < POINTS_PER_TICK; i += 1) writer.writePoint(pointOf(i));
}

function pointOf(number: number) {
	const tags = { venue: 'bybit', category: 'linear', symbol: 'BTCUSDT', side: 'buy', liquidity: 'maker' };
	return { measurement: 'trades', tags, fields: { price: number, qty: 0.1, order_id: 'ek1000-000001' }, atMs: Date.now() };
}

function repeated(write: (number: number) => void): number {
	for (let number = 0; number < POINTS; number += 1) write(number);
	return POINTS;
}

/** The checksum: commands that left. */
function tick(beside: () => void): Variant {
	const instruments = Array.from({ length: SYMBOLS }, (_, index) =>
		makeTestInstrument({ index: instrumentIndex(index), symbol: `SYM${index}USDT` }),
	);
	const policy = { ...ENGINE_SETTINGS.policy, amendPriceThresholdBps: 100 };
	const desk = new Desk({ instruments, strategy: STRATEGY, settings: { policy } });
	let round = 0;
	return {
		prepare: () => {
			desk.settle();
			desk.history.length = 0;
			desk.nowMs += 1_000;
			round += 1;
			const mid = START_TICKS + (round % 2 === 0 ? MOVE_TICKS : 0);
			for (const instrument of instruments) desk.book(instrument, mid - 1, mid + 1);
		},
		run: () => {
			desk.tick(0);
			beside();
			return desk.sent.reduce((sum, batch) => sum + batch.commands.length, 0);
		},
	};
}
