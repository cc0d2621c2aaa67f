import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestExecution } from '../../test/fixtures/executions.ts';
import { BTCUSDT, ETHUSDT } from '../../test/fixtures/instruments.ts';
import { monoMs } from '../domain/units.ts';
import { FILLS_REMEMBERED_MAX, Markouts } from './markouts.ts';

const SECONDS = [0.1, 1, 60];
const BOUGHT = makeTestExecution({ id: 'bought', price: '50000', qty: '0.010' });
const SOLD = makeTestExecution({ id: 'sold', side: 'sell', price: '50000', qty: '0.030' });
/** Twice the middle, in ticks of a tenth, when it is so many basis points above 50000. */
const midAt = (bps: number): number => 1_000_000 + bps * 100;

describe('markouts', () => {
	test('say for each fill how far the market went its way by then', () => {
		const markouts = new Markouts(SECONDS);
		markouts.applyFill(BOUGHT, midAt(1), monoMs(0));
		markouts.applyTime(monoMs(99), () => midAt(9));
		expect([...markouts.newestFirst()][0]).toMatchObject({ edgeBps: 1, markoutsBps: [undefined, undefined, undefined] });
		markouts.applyTime(monoMs(100), () => midAt(2));
		markouts.applyTime(monoMs(1_500), () => midAt(-3));
		markouts.applyFill(SOLD, midAt(1), monoMs(2_000));
		markouts.applyTime(monoMs(60_000), () => midAt(-4));
		const [sold, bought] = [...markouts.newestFirst()];
		expect(sold).toMatchObject({ execution: SOLD, edgeBps: -1, markoutsBps: [4, 4, undefined] });
		expect(bought).toMatchObject({ execution: BOUGHT, edgeBps: 1, markoutsBps: [2, -3, -4] });
	});

	test('ask to look again when the next one is due', () => {
		const markouts = new Markouts(SECONDS);
		expect(markouts.dueInMs(monoMs(0))).toBeUndefined();
		markouts.applyFill(BOUGHT, 0, monoMs(0));
		markouts.applyFill(SOLD, 0, monoMs(50));
		expect(markouts.dueInMs(monoMs(60))).toBe(40);
		markouts.applyTime(monoMs(100), () => 0);
		expect(markouts.dueInMs(monoMs(120))).toBe(30);
		markouts.applyTime(monoMs(1_000), () => 0);
		expect(markouts.dueInMs(monoMs(2_000))).toBe(0);
		markouts.applyTime(monoMs(60_050), () => 0);
		expect(markouts.dueInMs(monoMs(60_050))).toBeUndefined();
	});

	test('are weighed by worth in the sums of a symbol', () => {
		const markouts = new Markouts(SECONDS);
		markouts.applyFill(BOUGHT, midAt(1), monoMs(0));
		markouts.applyFill(SOLD, midAt(1), monoMs(0));
		markouts.applyTime(monoMs(100), () => midAt(8));
		const [buy, sell, both] = markouts.rows();
		expect(buy).toEqual({
			...{ instrumentId: BTCUSDT.id, side: 'buy', fills: 1, edgeBps: 1 },
			...{ markoutsBps: [8, undefined, undefined], counts: [1, 0, 0] },
		});
		expect(sell).toMatchObject({ side: 'sell', edgeBps: -1, markoutsBps: [-8, undefined, undefined] });
		// One part bought, three parts sold.
		expect(both).toMatchObject({ side: 'both', fills: 2, edgeBps: -0.5, counts: [2, 0, 0] });
		expect(both?.markoutsBps[0]).toBeCloseTo(-4, 10);
	});

	test('leave out what nobody knew at that moment', () => {
		const markouts = new Markouts(SECONDS);
		markouts.applyFill(BOUGHT, 0, monoMs(0));
		markouts.applyTime(monoMs(100), () => Number.NaN);
		markouts.applyTime(monoMs(1_000), () => midAt(5));
		const [buy] = markouts.rows();
		expect(buy).toMatchObject({ fills: 1, edgeBps: undefined, markoutsBps: [undefined, 5, undefined], counts: [0, 1, 0] });
	});

	test('look at each symbol in its own book', () => {
		const markouts = new Markouts(SECONDS);
		markouts.applyFill(BOUGHT, 0, monoMs(0));
		markouts.applyFill(makeTestExecution({ instrument: ETHUSDT, price: '50000', qty: '1.00' }), 0, monoMs(0));
		markouts.applyTime(monoMs(100), (index) => (index === BTCUSDT.index ? midAt(1) : 10_002_000));
		const [ether, bitcoin] = [...markouts.newestFirst()].map(({ markoutsBps }) => markoutsBps[0]);
		expect(bitcoin).toBeCloseTo(1, 10);
		expect(ether).toBeCloseTo(2, 10);
	});

	test('forget the oldest fills, but not what they brought in', () => {
		const markouts = new Markouts(SECONDS);
		for (let at = 0; at <= FILLS_REMEMBERED_MAX; at += 1) markouts.applyFill(BOUGHT, midAt(1), monoMs(at / 1_000));
		expect([...markouts.newestFirst()]).toHaveLength(FILLS_REMEMBERED_MAX);
		markouts.applyTime(monoMs(70_000), () => midAt(1));
		const [buy] = markouts.rows();
		expect(buy).toMatchObject({ fills: FILLS_REMEMBERED_MAX + 1, counts: SECONDS.map(() => FILLS_REMEMBERED_MAX) });
		expect(markouts.dueInMs(monoMs(70_000))).toBeUndefined();
	});

	test('do not depend on how often they are told the time, as long as the market stands still', () => {
		fc.assert(
			fc.property(fc.array(fc.nat({ max: 70_000 }), { maxLength: 20 }), fc.array(fc.nat({ max: 1_000 })), (looks, gaps) => {
				const [often, once] = [new Markouts(SECONDS), new Markouts(SECONDS)];
				let atMs = 0;
				for (const gap of gaps) {
					atMs += gap;
					for (const markouts of [often, once]) markouts.applyFill(BOUGHT, midAt(1), monoMs(atMs));
				}
				for (const at of [...looks].sort((a, b) => a - b)) often.applyTime(monoMs(atMs + at), () => midAt(7));
				for (const markouts of [often, once]) markouts.applyTime(monoMs(atMs + 70_000), () => midAt(7));
				expect(often.rows()).toEqual(once.rows());
				expect([...often.newestFirst()]).toEqual([...once.newestFirst()]);
			}),
		);
	});
});
