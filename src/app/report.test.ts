/** What a session came to, as text: positions, profit and its parts, and how it stands while it runs. */
import { expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import { monoMs, ticks, timeMs } from '../domain/units.ts';
import { ENGINE_SETTINGS } from '../engine/settings.ts';
import { inventoryOf, profitOf, statusOf } from './report.ts';

const MID = 650_000;
const WALL_MS = 1_767_225_600_000;

function traded() {
	const instruments = ['BTCUSDT', 'XBTUSDT'].map((symbol, index) => makeTestInstrument({ index, symbol }));
	const [first, second] = instruments;
	if (first === undefined || second === undefined) throw new Error('two instruments');
	const strategy = new Scripted();
	const desk = new Desk({ instruments, strategy, settings: { policy: { ...ENGINE_SETTINGS.policy, minTimeInBookMs: 0 } } });
	for (const instrument of instruments) {
		desk.book(instrument, MID - 1, MID + 1);
		strategy.wishes.set(instrument.index, ladderAround(MID, { levels: 1, qty: 100, away: 10 }));
	}
	desk.tick();
	desk.settle();
	const mark = (markTicks: number): void => {
		const at = { wallMs: timeMs(WALL_MS), monoMs: monoMs(desk.nowMs) };
		const more = { fundingRate: 0, nextFundingAtMs: timeMs(WALL_MS + 1) };
		desk.step({ kind: 'mark', instrument: first.index, markTicks: ticks(markTicks), ...more, ...at });
	};
	const orders = desk.engine.openOrders().filter(({ instrument }) => instrument === first);
	return { desk, mark, buy: orders.find(({ side }) => side === 'buy'), sell: orders.find(({ side }) => side === 'sell') };
}

test('before anything has happened all is nothing, in the currency of the account', () => {
	const { desk } = traded();
	expect(inventoryOf(desk)).toEqual({ BTCUSDT: '0.000', XBTUSDT: '0.000' });
	expect(profitOf(desk, WALL_MS)).toEqual({
		...{ currency: 'USDT', total: '0', realised: '0', unrealised: '0', fees: '0', funding: '0' },
	});
	expect(statusOf(desk, WALL_MS)).toMatchObject({ openOrders: 4, fills: 0, callsPerTick: 1 });
});

test('what is held is worth what the mark says, and what was sold again is realised', () => {
	const { desk, mark, buy, sell } = traded();
	if (buy === undefined || sell === undefined) throw new Error('one quote a side');
	desk.fill(buy, 100);
	mark(MID + 90);
	// 0.1 bought a dollar below the middle; the mark is nine above it.
	expect(inventoryOf(desk)).toEqual({ BTCUSDT: '0.100', XBTUSDT: '0.000' });
	expect(profitOf(desk, WALL_MS)).toMatchObject({ total: '1', realised: '0', unrealised: '1' });
	desk.fill(sell, 40);
	// 0.04 sold for two dollars more than it cost.
	expect(inventoryOf(desk)['BTCUSDT']).toBe('0.060');
	expect(profitOf(desk, WALL_MS)).toMatchObject({ total: '0.68', realised: '0.08', unrealised: '0.6' });
	expect(statusOf(desk, WALL_MS)).toMatchObject({ fills: 2, inventory: { BTCUSDT: '0.060' }, pnl: { total: '0.68' } });
});
