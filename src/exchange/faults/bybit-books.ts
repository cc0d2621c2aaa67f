/**
 * Bybit's book frames, spoiled on purpose: levels that no sound book has, and numbers that do not follow. Prices are made
 * from prices of the frame, so that they stay whole ticks and only the thing that is meant to be wrong is wrong.
 */
import type { LevelForm } from './dialect.ts';
import { isRecord, type Json, listOf, parseJson } from './json.ts';

type Level = readonly [price: string, size: string];

interface BookFrame {
	readonly frame: Readonly<Record<string, Json>>;
	readonly data: Readonly<Record<string, Json>>;
	readonly bids: readonly Level[];
	readonly asks: readonly Level[];
}

const SIZE = '1';

/** The frame made senseless; undefined where it has no level to work from. */
export function corruptLevel(text: string, form: LevelForm): string | undefined {
	const book = readBook(text);
	if (book === undefined) return undefined;
	const { bids, asks } = book;
	const price = [...asks, ...bids].find(([, size]) => Number(size) > 0)?.[0];
	if (price === undefined) return undefined;
	const withBid = (bad: string) => print(book, { bids: [[bad, SIZE], ...bids], asks });
	switch (form) {
		case 'crossed':
			// Twice any price of the book lies far above its best ask.
			return withBid(doubled(price));
		case 'locked':
			return print(book, { bids: [[price, SIZE], ...without(bids, price)], asks: [[price, SIZE], ...without(asks, price)] });
		case 'zero-price':
			return withBid('0');
		case 'negative-price':
			return withBid(`-${price}`);
		case 'one-sided':
			return print(book, { bids, asks: [] }, 'snapshot');
		case 'empty':
			return print(book, { bids: [], asks: [] }, 'snapshot');
	}
}

export function withSequence(text: string, sequence: number): string {
	const frame = parseJson(text);
	if (!isRecord(frame) || !isRecord(frame['data'])) return text;
	return JSON.stringify({ ...frame, data: { ...frame['data'], u: sequence } });
}

function readBook(text: string): BookFrame | undefined {
	const frame = parseJson(text);
	if (!isRecord(frame) || !isRecord(frame['data'])) return undefined;
	const data = frame['data'];
	return { frame, data, bids: listOf(data['b']).filter(isLevel), asks: listOf(data['a']).filter(isLevel) };
}

function isLevel(value: Json): value is Level {
	return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string';
}

function without(levels: readonly Level[], price: string): readonly Level[] {
	return levels.filter((level) => level[0] !== price);
}

function print(book: BookFrame, sides: { bids: readonly Level[]; asks: readonly Level[] }, type = book.frame['type']): string {
	return JSON.stringify({ ...book.frame, type, data: { ...book.data, b: sides.bids, a: sides.asks } });
}

/** Exact, with the decimals of the price. */
function doubled(price: string): string {
	const decimals = price.length - 1 - price.indexOf('.');
	const digits = price.replace('.', '');
	const twice = String(BigInt(digits) * 2n);
	if (!price.includes('.')) return twice;
	const padded = twice.padStart(decimals + 1, '0');
	return `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}
