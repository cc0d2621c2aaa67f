/**
 * Binance's book frames, spoiled on purpose: levels that no sound book has, and numbers that do not follow. They are
 * changed as text, with prices of the frame itself, so that only the thing that is meant to be wrong is wrong.
 */
import type { LevelForm } from './dialect.ts';

const HEAD_LENGTH = 300;
const DIFF = '"e":"depthUpdate"';
const BIDS = /"(?:b|bids)":(\[(?:\["[^"]*","[^"]*"\],?)*\])/;
const ASKS = /"(?:a|asks)":(\[(?:\["[^"]*","[^"]*"\],?)*\])/;
const LEVEL = /\["([^"]*)","([^"]*)"\]/g;
const LAST = /"u":(\d+)/;
const SIZE = '1';

/** What tells changes, and so has numbers that follow each other. */
export function isDiff(frame: string): boolean {
	return frame.slice(0, HEAD_LENGTH).includes(DIFF);
}

export function sequenceOf(frame: string): number | undefined {
	const found = isDiff(frame) ? LAST.exec(frame)?.[1] : undefined;
	return found === undefined ? undefined : Number(found);
}

/** All numbers of the frame move by as much, so that it stays whole in itself. */
export function withSequence(frame: string, sequence: number): string {
	const last = sequenceOf(frame);
	if (last === undefined) return frame;
	const moved = (text: string): string => String(Math.max(1, Number(text) + sequence - last));
	return frame.replace(/"(U|u|pu)":(\d+)/g, (_all, name: string, number: string) => `"${name}":${moved(number)}`);
}

/**
 * The frame made senseless; undefined where it has no level to work from. Changes cannot say that a side is empty: that
 * those levels are gone which they name would be a lie that makes sense.
 */
export function corruptLevel(frame: string, form: LevelForm): string | undefined {
	if ((form === 'one-sided' || form === 'empty') && isDiff(frame)) return undefined;
	const bids = levelsOf(frame, BIDS);
	const asks = levelsOf(frame, ASKS);
	const price = [...asks, ...bids].find(([, size]) => Number(size) > 0)?.[0];
	if (price === undefined) return undefined;
	const withBid = (bad: string): string => replaced(frame, [[bad, SIZE], ...bids], asks);
	switch (form) {
		case 'crossed':
			return withBid(doubled(price));
		case 'locked':
			return replaced(frame, [[price, SIZE], ...without(bids, price)], [[price, SIZE], ...without(asks, price)]);
		case 'zero-price':
			return withBid('0');
		case 'negative-price':
			return withBid(`-${price}`);
		case 'one-sided':
			return replaced(frame, bids, asks.map(gone));
		case 'empty':
			return replaced(frame, bids.map(gone), asks.map(gone));
	}
}

type Level = readonly [price: string, size: string];

/** A level that is told to be empty. */
function gone([price]: Level): Level {
	return [price, '0'];
}

function levelsOf(frame: string, side: RegExp): readonly Level[] {
	const list = side.exec(frame)?.[1] ?? '';
	return [...list.matchAll(LEVEL)].map(([, price = '', size = '']) => [price, size]);
}

function without(levels: readonly Level[], price: string): readonly Level[] {
	return levels.filter((level) => level[0] !== price);
}

function replaced(frame: string, bids: readonly Level[], asks: readonly Level[]): string {
	const written = (text: string, side: RegExp, levels: readonly Level[]): string =>
		text.replace(side, (all, list: string) => all.slice(0, -list.length) + JSON.stringify(levels));
	return written(written(frame, BIDS, bids), ASKS, asks);
}

/** Exact, with the decimals of the price: twice any price of the book lies far above its best ask. */
function doubled(price: string): string {
	const dot = price.indexOf('.');
	const decimals = dot === -1 ? 0 : price.length - 1 - dot;
	const twice = String(BigInt(price.replace('.', '')) * 2n).padStart(decimals + 1, '0');
	return decimals === 0 ? twice : `${twice.slice(0, -decimals)}.${twice.slice(-decimals)}`;
}
