/** Our side of an account at the tests' own Binance, in virtual time: both markets unless said. */
import { expect } from 'vitest';
import { FakeBinanceAccount } from '../../../test/fixtures/binance-account.ts';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import type { EngineEvent } from '../../domain/event.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { NO_METER } from '../../ports/meter.ts';
import { runWithJobs } from '../../simulation/promise-jobs.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { InstrumentTable } from '../wire/instrument-table.ts';
import type { StreamNote } from '../wire/stream-note.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { Ban } from './ban.ts';
import type { Market } from './codec/frames.ts';
import { BinanceRest } from './rest.ts';
import { makeCredentials } from './sign.ts';
import { environmentUrls } from './urls.ts';
import { BinanceUserStreams } from './user-streams.ts';
import { Weights } from './weights.ts';

export const START_MS = 1_771_000_000_000;
/** The venue is ahead of us. */
export const OFFSET_MS = 700;

const GRID = { tickSize: '0.10', lotSize: '0.001', qtyMin: '0.001' } as const;
export const SPOT = makeTestInstrument({ venue: 'binance', category: 'spot', index: 0, ...GRID });
export const FUTURES = makeTestInstrument({ venue: 'binance', category: 'linear', index: 1, ...GRID });
export const ETH_FUTURES = makeTestInstrument({
	...{ venue: 'binance', category: 'linear', index: 2, symbol: 'ETHUSDT', baseCurrency: 'ETH' },
	...GRID,
});

/** It knows the venue's time, and takes a while to measure it all the same. */
class FixedClock extends VenueClock {
	readonly resyncs: number[] = [];
	readonly #clock: VirtualClock;

	constructor(clock: VirtualClock) {
		super({ venue: 'binance', clock, sink: () => undefined });
		this.#clock = clock;
	}

	override venueNowMs(): number {
		return this.#clock.wallMs() + OFFSET_MS;
	}

	override remeasure(told?: (isMeasured: boolean) => void): void {
		this.resyncs.push(this.#clock.monotonicMs());
		this.#clock.after(300, () => told?.(true));
	}
}

export interface SceneOptions {
	readonly markets?: readonly Market[];
	readonly seed?: number;
	readonly apiKey?: string;
	readonly before?: (account: FakeBinanceAccount) => void;
}

export function openUser({ markets = ['spot', 'linear'], seed = 1, apiKey = 'KEY', before }: SceneOptions = {}) {
	const clock = new VirtualClock(START_MS);
	const account = new FakeBinanceAccount(clock);
	const { transport } = account;
	const events: EngineEvent[] = [];
	const notes: StreamNote[] = [];
	const table = new InstrumentTable();
	const instruments = [SPOT, FUTURES, ETH_FUTURES].filter(({ category }) => markets.some((market) => market === category));
	for (const each of instruments) table.set(each);
	const made = makeCredentials({ apiKey, apiSecret: 'SECRET' });
	if (made.kind === 'refused') throw new Error(made.sentence);
	const { credentials } = made;
	const venueClock = new FixedClock(clock);
	const { resyncs } = venueClock;
	const urls = environmentUrls('demo');
	const ban = new Ban(clock);
	const restOf = (market: Market): BinanceRest =>
		new BinanceRest({
			...{ market, transport, clock, rng: seededRng(seed), ban, credentials, meter: NO_METER, venue: 'binance' },
			venueClock,
			weights: new Weights(market),
			origin: 'https://venue.test',
		});
	const rests: Partial<Record<Market, BinanceRest>> = Object.fromEntries(markets.map((market) => [market, restOf(market)]));
	const user = new BinanceUserStreams({
		...{ transport, clock, rng: seededRng(seed), policy: RECONNECT_POLICY },
		...{ venue: 'binance', urls, credentials, rests, venueClock, table },
		instruments: () => instruments,
		sink: (event) => events.push(event),
		watch: (note) => notes.push(note),
	});
	before?.(account);
	user.start();
	const run = async (durationMs: number): Promise<void> => {
		const untilMono = clock.monotonicMs() + durationMs;
		clock.after(durationMs, () => undefined);
		await runWithJobs(clock, () => clock.monotonicMs() < untilMono);
	};
	const upAndDown = (): boolean[] => events.flatMap((event) => (event.kind === 'stream' ? [event.up] : []));
	const executionIds = (from = 0): string[] =>
		events.slice(from).flatMap((event) => (event.kind === 'execution' ? [event.execution.executionId] : []));
	return { clock, account, transport, events, notes, user, rests, table, ban, resyncs, run, upAndDown, executionIds };
}

export async function openAndUp(options: SceneOptions = {}) {
	const scene = openUser(options);
	await scene.run(300);
	expect(scene.upAndDown()).toEqual([false, true]);
	return scene;
}
