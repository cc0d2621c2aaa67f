/** What stops one symbol (KL1) and lets it go on by itself once it has been clean for ten seconds; the others go on. */
import { describe, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { Instrument } from '../domain/instrument.ts';
import { timeMs } from '../domain/units.ts';

const MID = 650_000;

/** The venue makes another version of what a symbol is. */
function withStatus(instrument: Instrument, status: Instrument['status'], version: number): Instrument {
	return makeTestInstrument({ index: instrument.index, symbol: instrument.symbol, status, version });
}

class Scene {
	readonly instruments = [0, 1].map((index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));
	readonly strategy = new Scripted();
	readonly desk = new Desk({ instruments: this.instruments, strategy: this.strategy });
	/** Whose book gets no messages. */
	silent: number | undefined;
	mid = MID;

	constructor() {
		for (const { index } of this.instruments) this.strategy.wishes.set(index, ladderAround(MID, { levels: 2, qty: 10 }));
		this.mark(MID);
		this.later(250);
		this.desk.settle();
	}

	get first(): Instrument {
		const [first] = this.instruments;
		if (first === undefined) throw new Error('two symbols');
		return first;
	}

	mark(markTicks: number): void {
		const { index } = this.first;
		this.desk.step({ kind: 'mark', instrument: index, markTicks, fundingRate: 0, nextFundingAtMs: timeMs(0), ...this.desk.at() });
	}

	/** So much time, a quarter of a second at a time. */
	later(ms: number): void {
		for (let left = ms; left > 0; left -= 250) {
			this.desk.nowMs += Math.min(left, 250);
			for (const instrument of this.instruments) {
				if (instrument.index !== this.silent) this.desk.book(instrument, this.mid - 1, this.mid + 1);
			}
			this.desk.tick(0);
			this.desk.settle();
		}
	}

	/** Orders of each symbol. */
	get quotes(): readonly number[] {
		return this.instruments.map(({ index }) => this.desk.engine.orders.openOrdersOf(index).length);
	}

	get reason(): string | undefined {
		return this.desk.engine.levels.holdReason(this.first.index, this.desk.at().monoMs);
	}
}

const TROUBLES: readonly { name: string; reason: string; begin(scene: Scene): void; end(scene: Scene): void }[] = [
	{
		name: 'a book that is old',
		reason: 'the book of S0USDT was too old',
		begin: (scene) => {
			scene.silent = 0;
			scene.later(3_250);
		},
		end: (scene) => {
			scene.silent = undefined;
		},
	},
	{
		name: 'a mid that is far from the mark',
		reason: 'the mid of S0USDT was far from its mark',
		begin: (scene) => scene.mark(MID * 0.989),
		end: (scene) => scene.mark(MID),
	},
	{
		name: 'a symbol that the venue has halted',
		reason: 'the venue does not trade S0USDT now: halted',
		begin: ({ desk, first }) => desk.step({ kind: 'instrument', instrument: withStatus(first, 'halted', 2), ...desk.at() }),
		end: ({ desk, first }) => desk.step({ kind: 'instrument', instrument: withStatus(first, 'trading', 3), ...desk.at() }),
	},
	{
		name: 'a strategy that throws',
		reason: 'scripted failed',
		begin: ({ strategy, first }) => {
			strategy.failsOn = first.index;
		},
		end: ({ strategy }) => {
			strategy.failsOn = undefined;
		},
	},
];

describe.each(TROUBLES)('$name', ({ reason, begin, end }) => {
	test('takes the quotes of its symbol out and leaves the others', () => {
		const scene = new Scene();
		expect(scene.quotes).toEqual([4, 4]);
		begin(scene);
		scene.later(500);
		expect([scene.quotes, scene.reason]).toEqual([[0, 4], reason]);
	});

	test('is over when it has been gone for ten seconds, not before', () => {
		const scene = new Scene();
		begin(scene);
		scene.later(30_000);
		expect(scene.quotes).toEqual([0, 4]);
		end(scene);
		scene.later(reason.includes('failed') ? 0 : 9_500);
		expect([scene.quotes, scene.reason]).toEqual([[0, 4], reason]);
		scene.later(reason.includes('failed') ? 10_250 : 750);
		expect([scene.quotes, scene.reason]).toEqual([[4, 4], undefined]);
	});
});

test('a book that has not come yet is no trouble: its symbol quotes as soon as it is there', () => {
	const instrument = makeTestInstrument({ index: 0, symbol: 'S0USDT' });
	const strategy = new Scripted();
	const desk = new Desk({ instruments: [instrument], strategy });
	strategy.wishes.set(instrument.index, ladderAround(MID, { levels: 2, qty: 10 }));
	for (let i = 0; i < 40; i += 1) desk.tick();
	desk.book(instrument, MID - 1, MID + 1);
	desk.tick();
	desk.settle();
	expect(desk.engine.orders.openCount).toBe(4);
});

test('a book that is broken for less than that pulls its quotes, and they are back with the next snapshot', () => {
	const scene = new Scene();
	scene.desk.step({ kind: 'bookLost', instrument: scene.first.index, reason: 'gap', ...scene.desk.at() });
	scene.desk.tick();
	scene.desk.settle();
	expect([scene.quotes, scene.reason]).toEqual([[0, 4], undefined]);
	scene.later(1_000);
	expect(scene.quotes).toEqual([4, 4]);
});

test('a mid one percent from its mark is not far, and without a mark nothing is', () => {
	const scene = new Scene();
	scene.mark(MID / 1.0099);
	scene.later(500);
	expect(scene.quotes).toEqual([4, 4]);
	scene.mark(0);
	scene.later(500);
	expect(scene.quotes).toEqual([4, 4]);
});
