/** What the engine hears of signals: of each instrument and source the newest that is in force. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SignalEvent } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import { memorySignalShelf } from '../simulation/memory-signal-shelf.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { SignalStore } from '../trading/signal-store.ts';
import { followSignals } from './signal-follower.ts';

const START_MS = Date.UTC(2026, 0, 1);
const instruments = [
	{ index: 0, id: 'bybit:linear:BTCUSDT', symbol: 'BTCUSDT' },
	{ index: 1, id: 'binance:linear:BTCUSDT', symbol: 'BTCUSDT' },
	{ index: 2, id: 'bybit:linear:ETHUSDT', symbol: 'ETHUSDT' },
] as unknown as readonly Instrument[];

let clock: VirtualClock;
let signals: SignalStore;
let heard: SignalEvent[];
let said: string[];

beforeEach(async () => {
	clock = new VirtualClock(START_MS);
	const opened = await SignalStore.open({ shelf: memorySignalShelf(), clock, rng: seededRng(1) });
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	signals = opened.store;
	[heard, said] = [[], []];
});
afterEach(() => signals[Symbol.asyncDispose]());

function follow(): Disposable {
	return followSignals({
		signals,
		instruments,
		now: () => ({ wallMs: timeMs(clock.wallMs()), monoMs: monoMs(clock.monotonicMs() + 7_000) }),
		tell: (event) => heard.push(event),
		onSay: (sentence) => said.push(sentence),
	});
}

async function create(id: string, more: object = {}): Promise<void> {
	const draft = { id, symbol: 'BTCUSDT', type: 'BUY', source: 'desk', expiresAtMs: START_MS + 60_000, ...more } as const;
	expect((await signals.createSignal(draft)).kind).toBe('done');
}

const told = () => heard.splice(0).map(({ instrument, source, value, confidence }) => [instrument, source, value, confidence]);

test('what is in force at the beginning is told, in the time of the engine', async () => {
	await create('a', { value: 0.5, confidence: 0.25 });
	await create('b', { symbol: 'bybit:linear:ETHUSDT', source: 'model' });
	clock.run(1_000);
	using _ = follow();
	expect(heard[0]).toEqual({
		...{ kind: 'signal', instrument: 0, source: 'desk', value: 0.5, confidence: 0.25 },
		...{ wallMs: START_MS + 1_000, monoMs: 8_000, expiresAtMono: 8_000 + 59_000 },
	});
	expect(told()).toEqual([
		[0, 'desk', 0.5, 0.25],
		[1, 'desk', 0.5, 0.25],
		[2, 'model', 1, 1],
	]);
});

test('of one instrument and source the newest counts, and when it goes the one before does', async () => {
	using _ = follow();
	await create('a', { value: 0.5 });
	told();
	clock.run(10);
	await create('b', { symbol: 'bybit:linear:BTCUSDT', type: 'SELL', expiresAtMs: START_MS + 1_000 });
	expect(told()).toEqual([[0, 'desk', -1, 1]]);
	clock.run(2_000);
	expect(told()).toEqual([[0, 'desk', 0.5, 1]]);
	await signals.deleteSignal('a');
	expect(heard.every(({ expiresAtMono, monoMs: nowMono }) => expiresAtMono === nowMono)).toBe(true);
	expect(told()).toEqual([
		[0, 'desk', 0, 0],
		[1, 'desk', 0, 0],
	]);
});

test('of two sources each has its own word', async () => {
	using _ = follow();
	await create('a', { symbol: 'ETHUSDT', value: 0.1 });
	clock.run(10);
	await create('b', { symbol: 'ETHUSDT', value: 0.2, source: 'model' });
	clock.run(10);
	await signals.updateSignal('a', { value: 0.3 });
	await signals.deleteSignal('a');
	expect(told()).toEqual([
		[2, 'desk', 0.1, 1],
		[2, 'model', 0.2, 1],
		[2, 'desk', 0.3, 1],
		[2, 'desk', 0, 0],
	]);
});

test('an older one that changes is the newest from then on', async () => {
	using _ = follow();
	await create('a', { symbol: 'ETHUSDT', value: 0.1 });
	clock.run(10);
	await create('b', { symbol: 'ETHUSDT', value: 0.2 });
	clock.run(10);
	await signals.updateSignal('a', { value: 0.3 });
	expect(told()).toEqual([
		[2, 'desk', 0.1, 1],
		[2, 'desk', 0.2, 1],
		[2, 'desk', 0.3, 1],
	]);
});

test('many at once are one event a source, and none for other symbols', async () => {
	using _ = follow();
	const draft = { symbol: 'ETHUSDT', type: 'BUY', expiresAtMs: START_MS + 60_000 } as const;
	await signals.processSignals(
		Array.from({ length: 10 }, (_each, i) => ({
			kind: 'create',
			draft: { ...draft, id: `n${i}`, source: i % 2 === 0 ? 'even' : 'odd' },
		})),
	);
	expect(told()).toEqual([
		[2, 'even', 1, 1],
		[2, 'odd', 1, 1],
	]);
});

test('a symbol that there is not is told to a person, once', async () => {
	const following = follow();
	await create('a', { symbol: 'DOGEUSDT' });
	await create('b', { symbol: 'DOGEUSDT' });
	expect(said).toEqual([
		'a signal for DOGEUSDT is not heeded: that is none of bybit:linear:BTCUSDT, binance:linear:BTCUSDT, bybit:linear:ETHUSDT',
	]);
	expect(heard).toEqual([]);
	following[Symbol.dispose]();
	await create('c');
	expect(heard).toEqual([]);
});
