/**
 * Mark price and funding rate out of the ticker topic, which tells everything once and then only what changed: a member
 * that is missing is unchanged.
 */
import type { MarkEvent } from '../../domain/event.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { TimeMs } from '../../domain/units.ts';
import { isObject } from '../wire/plain-values.ts';

export type Mark = Pick<MarkEvent, 'markTicks' | 'fundingRate' | 'nextFundingAtMs'>;

const MEMBERS = ['markPrice', 'fundingRate', 'nextFundingTime'] as const;
type Member = (typeof MEMBERS)[number];
const PREFIX = 'tickers.';

/** The symbol that a ticker frame is about; undefined when it is none. */
export function tickerSymbol(message: unknown): string | undefined {
	if (!isObject(message)) return undefined;
	const { topic } = message;
	return typeof topic === 'string' && topic.startsWith(PREFIX) ? topic.slice(PREFIX.length) : undefined;
}

/** Of one instrument. */
export class Ticker {
	#known: Partial<Record<Member, string>> | undefined;
	/** The mark was told since the last beginning. */
	#isFresh = false;

	/** A new subscription: what was known may be old. */
	restart(): void {
		this.#isFresh = false;
	}

	/** The mark, if this frame changed it; 'bad' if the frame cannot be read, which changes nothing. */
	apply(message: unknown, instrument: Instrument): Mark | 'bad' | undefined {
		if (!isObject(message) || !isObject(message['data']) || message['data']['symbol'] !== instrument.symbol) return 'bad';
		const { type, data } = { type: message['type'], data: message['data'] };
		if (type !== 'snapshot' && type !== 'delta') return 'bad';
		// The snapshot may be lost on its way: the first mark that is told is as good, whatever else is not known yet.
		if (type === 'delta' && !this.#isFresh && data['markPrice'] === undefined) return undefined;
		const known: Partial<Record<Member, string>> = type === 'snapshot' ? {} : { ...this.#known };
		for (const member of MEMBERS) {
			const value = data[member];
			if (value === undefined) continue;
			if (typeof value !== 'string') return 'bad';
			known[member] = value;
		}
		const mark = markOf(known, instrument);
		if (mark === undefined) return 'bad';
		const isNews =
			!this.#isFresh || this.#known === undefined || MEMBERS.some((member) => known[member] !== this.#known?.[member]);
		this.#known = known;
		this.#isFresh = true;
		return isNews ? mark : undefined;
	}
}

/** A dated future has no funding: its rate and time are 0. */
function markOf(known: Partial<Record<Member, string>>, instrument: Instrument): Mark | undefined {
	const { scale, stepUnits } = instrument.priceGrid;
	const markTicks = (numberOf(known.markPrice) * 10 ** scale) / stepUnits;
	const fundingRate = numberOf(known.fundingRate ?? '0');
	const nextFundingAtMs = numberOf(known.nextFundingTime ?? '0');
	if (!(markTicks > 0) || !Number.isFinite(fundingRate) || !Number.isSafeInteger(nextFundingAtMs)) return undefined;
	return { markTicks, fundingRate, nextFundingAtMs: nextFundingAtMs as TimeMs };
}

function numberOf(text: string | undefined): number {
	if (text === '') return 0;
	return text !== undefined && /^-?\d{1,20}(?:\.\d{1,20})?$/.test(text) ? Number(text) : Number.NaN;
}
