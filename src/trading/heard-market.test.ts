import { expect, test } from 'vitest';
import { BTCUSDT, makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { BookDelta } from '../domain/book-delta.ts';
import type { EngineEvent } from '../domain/event.ts';
import { lots, type MonoMs, type TimeMs, ticks, timeMs } from '../domain/units.ts';
import { FollowedMarket, heardIn } from './heard-market.ts';

const AT = { wallMs: 5 as TimeMs, monoMs: 5 as MonoMs };

function book(levels: readonly (readonly [side: 'bid' | 'ask', ticks: number, lots: number])[]): EngineEvent {
	const delta = new BookDelta();
	delta.reset('snapshot', 1, 7 as TimeMs, 7 as TimeMs);
	for (const [side, priceTicks, qtyLots] of levels) delta.push(side, ticks(priceTicks), lots(qtyLots));
	return { kind: 'book', instrument: BTCUSDT.index, delta, ...AT };
}

function follow() {
	const followed = new FollowedMarket();
	followed.follow([BTCUSDT]);
	const heard = heardIn((index) => followed.pictureOf(index));
	return { followed, price: () => heard.price(BTCUSDT), book: (depth: number) => heard.book(BTCUSDT, depth) };
}

const TWO_SIDED = book([
	['bid', 649_999, 10],
	['bid', 649_998, 20],
	['ask', 650_001, 30],
]);

test('what streams tell is shown as numbers, once the book is whole', () => {
	const { followed, price, book: bookOf } = follow();
	expect([price(), bookOf(5)]).toEqual([undefined, undefined]);
	followed.hear(TWO_SIDED);
	followed.hear({
		kind: 'trade',
		instrument: BTCUSDT.index,
		priceTicks: ticks(650_000),
		qtyLots: lots(1),
		takerSide: 'buy',
		...AT,
	});
	const mark = { markTicks: 650_000.5, fundingRate: 0.0001, nextFundingAtMs: timeMs(0) };
	followed.hear({ kind: 'mark', instrument: BTCUSDT.index, ...mark, ...AT });
	expect(price()).toEqual({
		...{ instrument: BTCUSDT.index, last: 65_000, bid: 64_999.9, ask: 65_000.1 },
		...{ mark: 65_000.05, fundingRate: 0.0001, atMs: 7 },
	});
	expect(bookOf(1)).toMatchObject({ bids: [{ price: 64_999.9, qty: 0.01 }], asks: [{ price: 65_000.1, qty: 0.03 }] });
	expect(bookOf(5)?.bids).toHaveLength(2);
});

test('a book that is lost, one-sided or crossed is not shown', () => {
	const { followed, price, book: bookOf } = follow();
	const isShown = (): readonly boolean[] => [price() !== undefined, bookOf(5) !== undefined];
	followed.hear(TWO_SIDED);
	followed.hear({ kind: 'bookLost', instrument: BTCUSDT.index, reason: 'gap', ...AT });
	expect(isShown()).toEqual([false, false]);
	followed.hear(TWO_SIDED);
	expect(isShown()).toEqual([true, true]);
	followed.hear(book([['bid', 649_999, 10]]));
	expect(isShown()).toEqual([false, false]);
	followed.hear(
		book([
			['bid', 650_001, 10],
			['ask', 650_000, 10],
		]),
	);
	expect(isShown()).toEqual([false, false]);
});

test('on finer ticks the same prices are the same', () => {
	const { followed, price } = follow();
	followed.hear(TWO_SIDED);
	followed.hear({
		kind: 'trade',
		instrument: BTCUSDT.index,
		priceTicks: ticks(650_000),
		qtyLots: lots(1),
		takerSide: 'buy',
		...AT,
	});
	const finer = makeTestInstrument({ tickSize: '0.01', version: 2 });
	followed.hear({ kind: 'instrument', instrument: finer, ...AT });
	followed.hear(
		book([
			['bid', 6_499_999, 10],
			['ask', 6_500_001, 30],
		]),
	);
	expect(price()).toMatchObject({ last: 65_000, bid: 64_999.99, ask: 65_000.01 });
});

test('what is not followed is not heard', () => {
	const { followed } = follow();
	const other = makeTestInstrument({ index: 9, symbol: 'OTHER' });
	followed.hear({ kind: 'bookLost', instrument: other.index, reason: 'gap', ...AT });
	followed.hear({ kind: 'instrument', instrument: other, ...AT });
	expect(followed.pictureOf(other.index)).toBeUndefined();
});
