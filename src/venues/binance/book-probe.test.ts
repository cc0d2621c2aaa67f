import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { BookProbe, touchOf } from './book-probe.ts';
import type { Read } from './read.ts';
import type { BookTicker } from './reads-schemas.ts';

const row = (symbol: string, over: Partial<BookTicker> = {}): BookTicker => ({
	...{ symbol, bidPrice: '64999.90', bidQty: '0.012', askPrice: '65000.00', askQty: '1.000' },
	...over,
});
const book = (index: number) => ({ instrument: makeTestInstrument({ index, symbol: `S${index}USDT` }) });

function open() {
	const asked: { readonly symbol: string | undefined; readonly answer: (read: Read<readonly BookTicker[]>) => void }[] = [];
	const heard: unknown[] = [];
	const probe = new BookProbe({
		ask: (symbol, answer) => asked.push({ symbol, answer }),
		heard: ({ instrument }, touch, askedAtMs) => heard.push([instrument.symbol, touch, askedAtMs]),
	});
	return { asked, heard, probe };
}

const ok = (value: readonly BookTicker[]): Read<readonly BookTicker[]> => ({ kind: 'ok', value, askedAtMs: 5 });
const FAILED = { kind: 'failed', class: 'transient', code: undefined, sentence: 'x' } as const;

describe('asking', () => {
	test('a few are asked about one by one, more than that all at once; nothing while an answer is awaited', () => {
		const { asked, probe } = open();
		const books = Array.from({ length: 9 }, (_, index) => book(index));
		probe.ask(books.slice(0, 4));
		expect(asked.map(({ symbol }) => symbol)).toEqual(['S0USDT', 'S1USDT', 'S2USDT', 'S3USDT']);
		probe.ask(books);
		probe.ask(books);
		expect(asked.slice(4).map(({ symbol }) => symbol)).toEqual([undefined]);
	});

	test('each hears of its own, and of a failure nobody', () => {
		const { asked, heard, probe } = open();
		const books = Array.from({ length: 5 }, (_, index) => book(index));
		probe.ask(books);
		asked[0]?.answer(ok([row('OTHER'), row('S3USDT'), row('S1USDT', { bidPrice: 'x' })]));
		expect(heard).toEqual([
			['S1USDT', 'unreadable', 5],
			['S3USDT', expect.objectContaining({ bestBidTicks: 649_999 }), 5],
		]);
		probe.ask(books.slice(0, 1));
		asked[1]?.answer(FAILED);
		expect(heard).toHaveLength(2);
		probe.ask(books.slice(0, 1));
		expect(asked).toHaveLength(3);
	});
});

describe('best prices', () => {
	const { instrument } = book(0);
	test.each([
		['as they are', {}, [649_999, 12, 650_000, 1_000]],
		['of an empty side', { bidPrice: '0.00', bidQty: '0.000' }, [0, 0, 650_000, 1_000]],
		['with a size between two lots', { bidQty: '0.0121' }, [649_999, 13, 650_000, 1_000]],
		['with a price between two ticks', { askPrice: '65000.05' }, undefined],
		['with no number', { askQty: 'much' }, undefined],
	] as const)('%s', (_, over, expected) => {
		const touch = touchOf(row('S0USDT', over), instrument);
		expect(touch === undefined ? undefined : Object.values(touch)).toEqual(expected);
	});
});
