/**
 * Why each side of a symbol quotes or does not, as a sentence for people. Reads what the last tick left behind and
 * changes nothing, so it may be asked at any time between two steps.
 */
import { stepsToNumber } from '../domain/grid.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import { isInBook } from '../domain/order-life.ts';
import type { Side } from '../domain/side.ts';
import { LEVELS_MAX, quoteSlot } from '../domain/slot.ts';
import type { MonoMs } from '../domain/units.ts';
import { DENIALS } from '../risk/denial.ts';
import type { KillLevel } from '../risk/level.ts';
import type { NoQuoteReason } from '../strategy/strategy.ts';
import type { Engine } from './engine.ts';
import type { MarketState } from './market-state.ts';
import type { Quoter } from './quoter.ts';

export interface WhySide {
	/** At least one order of a strategy stands in the book. */
	readonly isQuoting: boolean;
	readonly why: string;
}

/** As of the last tick that quoted there. */
export interface QuotedAround {
	readonly fairTicks: number;
	/** Fair price, moved against what is held. */
	readonly reservationTicks: number;
}

type Asked = Pick<Engine, 'levels' | 'quoters' | 'market' | 'orderFitsInMs'>;

export function whySides(engine: Asked, instrument: InstrumentIndex, nowMono: MonoMs): Readonly<Record<Side, WhySide>> {
	const quoters = engine.quoters.filter(({ market }) => market.instrument.index === instrument);
	const forbidden = forbiddenBy(engine, instrument, nowMono);
	const sideOf = (side: Side): WhySide => {
		const standing = quoters.flatMap((quoter) => ordersOf(quoter, side)).filter(({ state }) => isInBook(state));
		const [first] = standing;
		if (first !== undefined) return { isQuoting: true, why: standingText(standing, first, forbidden ?? lackText(quoters, side)) };
		return { isQuoting: false, why: forbidden ?? whyNot(engine, { quoters, side, instrument, nowMono }) };
	};
	return { buy: sideOf('buy'), sell: sideOf('sell') };
}

/** Undefined where no strategy says, or nothing was quoted. Of several strategies the first that says. */
export function quotedAround({ quoters }: Pick<Engine, 'quoters'>, instrument: InstrumentIndex): QuotedAround | undefined {
	for (const { market, targets } of quoters) {
		if (market.instrument.index !== instrument || Number.isNaN(targets.fairTicks)) continue;
		return { fairTicks: targets.fairTicks, reservationTicks: targets.reservationTicks };
	}
	return undefined;
}

/** The level of the account first, then what holds the symbol. */
function forbiddenBy({ levels }: Asked, instrument: InstrumentIndex, nowMono: MonoMs): string | undefined {
	if (levels.reason !== undefined) return `${LEVEL_TEXTS[levels.level]}: ${levels.reason}`;
	const [hold] = levels.holdsOf(instrument, nowMono);
	return hold === undefined ? undefined : `held: ${hold.reason}`;
}

const LEVEL_TEXTS: Readonly<Record<KillLevel, string>> = {
	run: 'stopped',
	pauseQuoting: 'quoting is paused',
	reduceOnly: 'positions may only shrink',
	kill: 'killed',
};

interface Wanted {
	readonly quoters: readonly Quoter[];
	readonly side: Side;
	readonly instrument: InstrumentIndex;
	readonly nowMono: MonoMs;
}

function whyNot(engine: Asked, { quoters, side, instrument, nowMono }: Wanted): string {
	const [quoter] = quoters;
	if (quoter === undefined) return 'no strategy quotes this symbol';
	const book = bookText(quoter.market, nowMono);
	if (book !== undefined) return book;
	// Of several strategies the one that wants something has the better reason.
	const wanting = quoters.find(({ targets }) => wantedLevels(targets, side) > 0);
	if (wanting === undefined) return reasonText(quoter, side);
	const lack = lackText(quoters, side);
	if (lack !== undefined) return lack;
	const waitsMs = engine.orderFitsInMs(instrument, nowMono);
	if (waitsMs > 0) return `waits ${Math.ceil(waitsMs)} ms for the rate limit of the venue`;
	return 'the next tick places it';
}

/** Why less stands than is wanted. */
function lackText(quoters: readonly Quoter[], side: Side): string | undefined {
	for (const { buyDenial, sellDenial } of quoters) {
		const code = side === 'buy' ? buyDenial : sellDenial;
		if (code !== undefined) return `refused (${code}): ${DENIALS[code]}`;
	}
	for (const quoter of quoters) {
		const waiting = ordersOf(quoter, side).find(({ state }) => !isInBook(state));
		if (waiting !== undefined) return WAITING_TEXTS[waiting.state] ?? 'an order is on its way';
	}
	return undefined;
}

const WAITING_TEXTS: Readonly<Partial<Record<Order['state'], string>>> = {
	cancelling: 'an order is being cancelled',
	unknown: 'an order is in doubt until the venue tells',
};

function bookText(market: MarketState, nowMono: MonoMs): string | undefined {
	const { book, isBookSound, soundAtMono, bookAgeMsMax, bookBeatMs } = market;
	if (book.trust.kind === 'empty') return 'its book has not come yet';
	if (book.trust.kind === 'broken') return `its book is not to be trusted: ${book.trust.reason}`;
	if (!book.isTwoSided) return 'its book has one side only';
	if (book.isCrossed) return 'its book is crossed';
	const isOld = isBookSound && nowMono - soundAtMono > Math.max(bookAgeMsMax, bookBeatMs);
	return isOld ? `its book is ${Math.round(nowMono - soundAtMono)} ms old` : undefined;
}

function reasonText({ targets, strategy }: Quoter, side: Side): string {
	const reason = side === 'buy' ? targets.buyReason : targets.sellReason;
	if (reason === undefined) return `${strategy.name} wants nothing on this side`;
	return Object.hasOwn(REASON_TEXTS, reason) ? REASON_TEXTS[reason as keyof typeof REASON_TEXTS] : reason;
}

/** What strategies and the position limit say, for people. */
const REASON_TEXTS: Readonly<Record<NoQuoteReason | 'position-limit', string>> = {
	'book-not-trusted': 'nobody but us is in its book, or it cannot be priced from',
	'edge-too-small': 'no price here would earn the edge that is asked for',
	'inventory-limit': 'the strategy holds as much this way as it may',
	'signal-veto': 'a signal forbids this side',
	'size-below-minimum': 'what is wanted is less than the venue takes',
	'out-of-band': 'the price would lie outside of what the venue takes',
	'switched-off': 'the strategy has switched this side off',
	'position-limit': 'the position limit leaves no room on this side',
};

function standingText(standing: readonly Order[], first: Order, lack: string | undefined): string {
	const { priceGrid } = first.instrument;
	const prices = standing.map(({ priceTicks }) => priceTicks);
	const best = stepsToNumber(priceGrid, first.side === 'buy' ? Math.max(...prices) : Math.min(...prices));
	const text = `${standing.length} ${standing.length === 1 ? 'order stands' : 'orders stand'}, the best at ${best}`;
	return lack === undefined ? text : `${text}; ${lack}`;
}

/** One past the highest level that is wanted. */
function wantedLevels({ buyLevels, sellLevels }: Quoter['targets'], side: Side): number {
	return side === 'buy' ? buyLevels : sellLevels;
}

function ordersOf({ slots }: Quoter, side: Side): readonly Order[] {
	const first = quoteSlot(side, 0);
	return slots.current.slice(first, first + LEVELS_MAX).filter((order) => order !== undefined);
}
