/** Losses on live marks (PT16) and fills that come too thick (PT14), seen by a whole engine. */
import { describe, expect, test } from 'vitest';
import { Desk, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { BTCUSDT as BTC, ETHUSDT as ETH } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { EquityRecord } from '../domain/journal-record.ts';
import { parseMoney } from '../domain/money.ts';
import type { Side } from '../domain/side.ts';
import { timeMs } from '../domain/units.ts';
import type { EngineEffect } from './ports.ts';
import { type Recovered, Recovery } from './recovery.ts';

/** A lot is a thousandth of a coin, a tick a tenth of a dollar: a lot at the mid is worth 64. */
const MID = 640_000;
const DAY_MS = 86_400_000;

function holding(options: { equity?: number; lots?: number; recovered?: Recovered; side?: Side } = {}) {
	const { equity = 100_000, lots = 0, recovered, side = 'buy' } = options;
	const strategy = new Scripted();
	const kept: EngineEffect[] = [];
	const desk = new Desk({
		instruments: [BTC, ETH],
		strategy,
		equity,
		settings: { limits: WIDE_LIMITS },
		...(recovered === undefined ? {} : { recovered: { state: recovered, atMs: timeMs(1_767_225_601_000) } }),
	});
	const balance = (total: number): void => {
		desk.balance('USDT', total);
	};
	const mark = (markTicks: number): void => {
		const nextFundingAtMs = timeMs(0);
		desk.step({ kind: 'mark', instrument: BTC.index, markTicks, fundingRate: 0, nextFundingAtMs, ...desk.at() });
	};
	/** A book and a mark at this price, and a look at the clock. */
	const at = (mid: number, ms = 250): void => {
		desk.nowMs += ms;
		desk.book(BTC, mid - 1, mid + 1);
		mark(mid);
		kept.push(...desk.tick(0));
	};
	if (recovered === undefined && lots > 0) {
		strategy.wishes.set(BTC.index, ladderAround(MID, { levels: 1, qty: lots, away: 1 }));
		desk.book(BTC, MID - 5, MID + 5);
		desk.tick();
		desk.settle();
		const order = desk.engine.openOrders().find((each) => each.side === side);
		if (order === undefined) throw new Error('a quote stands');
		desk.fill(order, lots);
		strategy.wishes.clear();
	}
	const level = () => desk.engine.levels.level;
	/** What the position was bought or sold at. */
	const from = side === 'buy' ? MID - 1 : MID + 1;
	return { desk, balance, at, level, kept, from };
}

describe('a loss that no balance tells of', () => {
	// 1000 lots are a coin: a move of 1000 ticks makes or loses 100.
	test.each<[name: string, side: Side, movedTicks: number, level: string]>([
		['1.99 % down', 'buy', -19_900, 'run'],
		['2 % down', 'buy', -20_000, 'reduceOnly'],
		['4.99 % down', 'buy', -49_900, 'reduceOnly'],
		['5 % down', 'buy', -50_000, 'kill'],
		['2 % against a short position', 'sell', 20_000, 'reduceOnly'],
		['far in our favour', 'buy', 50_000, 'run'],
	])('%s', (_, side, movedTicks, expected) => {
		const { at, level, from } = holding({ lots: 1_000, side });
		at(from);
		expect(level()).toBe('run');
		at(from + movedTicks);
		expect(level()).toBe(expected);
	});

	test('is measured from the peak as well: 3 % below it only positions shrink', () => {
		const { at, level, desk, from } = holding({ lots: 1_000 });
		at(from + 50_000);
		at(from + 18_600);
		expect(level()).toBe('run');
		at(from + 18_400);
		expect([level(), desk.engine.levels.reason]).toEqual([
			'reduceOnly',
			'equity is 101840, 3.01 % (limit 3.00 %) below its peak',
		]);
	});

	test('is not counted twice when the venue says it too, whichever comes first', () => {
		const { at, balance, level, from } = holding({ lots: 1_000 });
		at(from - 15_000);
		balance(98_500);
		at(from - 15_000);
		expect(level()).toBe('run');
		// The venue counts with a mark that we hear of a moment later.
		balance(98_200);
		at(from - 18_000);
		expect(level()).toBe('run');
		for (let i = 0; i < 10; i += 1) at(from - 18_000);
		expect(level()).toBe('run');
		at(from - 20_000);
		expect(level()).toBe('reduceOnly');
	});

	test('that is not of our making counts when it has stood for two seconds', () => {
		const { at, balance, level, from } = holding({ lots: 1_000 });
		at(from);
		balance(97_900);
		for (let i = 0; i < 7; i += 1) at(from + i);
		expect(level()).toBe('run');
		at(from);
		expect(level()).toBe('reduceOnly');
	});

	test('counts at once where nothing is held', () => {
		const { at, balance, level } = holding();
		at(MID);
		balance(98_001);
		expect(level()).toBe('run');
		balance(98_000);
		expect(level()).toBe('reduceOnly');
	});

	test('stays the same when the position is closed at a loss: what was open is settled', () => {
		const { desk, at, level, from } = holding({ lots: 1_000 });
		at(from - 15_000);
		desk.engine.gate.limits = { ...desk.engine.gate.limits };
		const sell = { kind: 'placeOrder', instrument: BTC.index, side: 'sell', orderType: 'limit', timeInForce: 'gtc' } as const;
		const action = { ...sell, reduceOnly: true, priceTicks: (from - 15_000) as never, qtyLots: 1_000 as never };
		desk.step({ kind: 'control', action, ...desk.at() });
		desk.settle();
		const order = desk.engine.openOrders()[0];
		if (order === undefined) throw new Error('the way out stands');
		desk.fill(order, 1_000);
		at(from - 40_000);
		expect(level(), 'nothing is held any more').toBe('run');
	});

	test('counts fees and funding', () => {
		for (const [amount, expected] of [
			['-1999', 'run'],
			['-2000', 'reduceOnly'],
		] as const) {
			const { desk, at, level } = holding();
			const paid = parseMoney(amount);
			if (paid === undefined) throw new Error('an amount');
			const funding = { kind: 'funding', fundingId: 'f', instrument: BTC.index, amount: paid, currency: 'USDT' } as const;
			at(MID);
			desk.step({ ...funding, fundedAtMs: timeMs(1), ...desk.at() });
			at(MID);
			expect(level()).toBe(expected);
		}
	});

	test('is nobody’s business before the venue has said what there is', () => {
		const strategy = new Scripted();
		const desk = new Desk({ instruments: [BTC], strategy });
		expect(desk.engine.levels.level).toBe('run');
	});
});

describe('the day', () => {
	test('begins anew at midnight of UTC; what was lost yesterday counts no more, but for the peak', () => {
		const { at, level, desk, from } = holding({ lots: 1_000 });
		at(from - 15_000);
		// The desk's wall clock begins at midnight, one second later.
		desk.nowMs = DAY_MS - 1;
		at(from - 15_000, 0);
		desk.nowMs = DAY_MS;
		at(from - 15_000, 0);
		at(from - 29_900);
		expect(level(), '1.5 % of today').toBe('run');
		at(from - 30_000);
		expect(level(), '3 % below the peak').toBe('reduceOnly');
	});
});

describe('a restart', () => {
	const records = (effects: readonly EngineEffect[]): EquityRecord[] =>
		effects.flatMap((effect) => (effect.kind === 'keep' ? effect.records : [])).filter((record) => record.kind === 'equity');

	test('is told where the day began and the highest there was, and not each little step', () => {
		const { at, kept, from } = holding({ lots: 1_000 });
		for (let step = 0; step < 100; step += 1) at(from + step * 4);
		const told = records(kept);
		expect(told.length).toBeLessThanOrEqual(2);
		at(from + 10_000);
		expect(records(kept).at(-1)).toEqual({ kind: 'equity', day: 20_454, dayStart: 100_000, peak: 101_000 });
	});

	test('forgives nothing: what was lost before counts on', () => {
		const journal = new Recovery();
		journal.apply({ kind: 'equity', day: 20_454, dayStart: 100_000, peak: 101_000 });
		for (const [equity, expected] of [
			[98_100, 'pauseQuoting'],
			[98_000, 'reduceOnly'],
			[95_000, 'kill'],
		] as const) {
			const { level } = holding({ equity, recovered: journal.result() });
			expect(level(), `${equity}`).toBe(expected);
		}
	});

	test('survives the summary of the journal, and ends where a person re-arms', () => {
		const journal = new Recovery();
		const record = { kind: 'equity', day: 20_454, dayStart: 100_000, peak: 101_000 } as const;
		journal.apply({ ...record, peak: 1 });
		journal.apply(record);
		const again = new Recovery();
		for (const each of journal.records()) again.apply(each);
		expect(again.result().equity).toEqual(record);
		again.apply({ kind: 'rearm', by: 'test', atMs: 1 });
		expect(again.result().equity).toBeUndefined();
	});
});

test('fills of one side that come too thick hold their symbol for five minutes, or until a person lets it go (PT14)', () => {
	const scene = () => {
		const strategy = new Scripted();
		const desk = new Desk({ instruments: [BTC], strategy });
		strategy.wishes.set(BTC.index, ladderAround(MID, { levels: 1, qty: 100 }));
		desk.book(BTC, MID - 1, MID + 1);
		desk.tick();
		desk.settle();
		const order = desk.engine.openOrders().find(({ side }) => side === 'buy');
		if (order === undefined) throw new Error('a bid stands');
		for (let fill = 0; fill < 30; fill += 1) desk.fill(order, 1);
		const held = () => desk.engine.levels.holdReason(BTC.index, desk.at().monoMs);
		expect(held()).toBeUndefined();
		desk.fill(order, 1);
		expect(held()).toBe('more than 30 buys filled within 10 s');
		return { desk, held };
	};
	const { desk, held } = scene();
	desk.nowMs += 299_999;
	expect(held()).toBeDefined();
	desk.nowMs += 1;
	expect(held()).toBeUndefined();
	const other = scene();
	const scope = { kind: 'instrument', instrument: BTC.index } as const;
	other.desk.step({ kind: 'control', action: { kind: 'resume', scope }, ...other.desk.at() });
	expect(other.held()).toBeUndefined();
});
