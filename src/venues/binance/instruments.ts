/** What Binance lists on its two markets, as the keeper of instruments (../wire/instruments.ts) wants it read. */
import type { Category, InstrumentSpec } from '../../domain/instrument.ts';
import type { EventSink } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import { type InstrumentSource, Instruments, nameAndStatus, type RowsRead } from '../wire/instruments.ts';
import type { Market } from './codec/frames.ts';
import { specOf } from './instruments-spec.ts';
import type { Read, ReadFailed } from './read.ts';
import type { BinanceReads, FeeRates } from './reads.ts';
import type { Weights } from './weights.ts';

/** Of one market, where it is used at all. */
export interface MarketListing {
	readonly reads: BinanceReads;
	/** Its limits are told along with its symbols. */
	readonly weights: Weights;
}

export interface InstrumentsParts {
	readonly venue: string;
	readonly markets: Readonly<Partial<Record<Market, MarketListing>>>;
	readonly clock: Clock;
	/** What the venue takes for the time. */
	readonly venueNowMs: () => number;
	/** Whether there is a key to ask with what this account pays; otherwise the published rates are taken. */
	readonly hasFees: boolean;
	readonly sink: EventSink;
}

const NO_SUCH_PATH = 404;
/** They change seldom, and asking weighs much for each symbol: read anew with the instruments, but not each time that one stands still. */
const FEES_KEPT_MS = 29 * 60_000;

export class BinanceInstruments extends Instruments {
	constructor(parts: InstrumentsParts) {
		super({ source: new BinanceSource(parts), clock: parts.clock, sink: parts.sink });
	}
}

class BinanceSource implements InstrumentSource {
	readonly venueName = 'Binance';
	readonly categories: readonly Category[];
	readonly tradingWord = 'TRADING';
	readonly #parts: InstrumentsParts;
	readonly #fees: Readonly<Record<Market, Map<string, FeeKept>>> = { spot: new Map(), linear: new Map() };

	constructor(parts: InstrumentsParts) {
		this.#parts = parts;
		this.categories = (['linear', 'spot'] as const).filter((market) => parts.markets[market] !== undefined);
	}

	async read(category: Category, symbols: readonly string[]): Promise<RowsRead> {
		const { venue, venueNowMs, markets } = this.#parts;
		const listing = category === 'inverse' ? undefined : markets[category];
		if (category === 'inverse' || listing === undefined) {
			return { kind: 'failed', sentence: `Binance is not asked for anything of category ${category} here` };
		}
		const info = await listing.reads.exchangeInfo();
		if (info.kind === 'failed') return info;
		listing.weights.setRules(info.value.rateLimits);
		const failed = await this.#readFees(listing.reads, symbols);
		if (failed !== undefined) return failed;
		const specs = new Map<string, InstrumentSpec>();
		const listed = new Map<string, string>();
		for (const row of info.value.symbols) {
			const named = nameAndStatus(row);
			if (named === undefined) continue;
			listed.set(named.symbol, named.status);
			const fee = this.#fees[category].get(named.symbol)?.rates;
			const spec = specOf(row, { venue, market: category, venueNowMs: venueNowMs(), fee });
			if (spec !== undefined) specs.set(spec.symbol, spec);
		}
		return { kind: 'ok', rows: { specs, listed } };
	}

	/** One symbol at a time, which is why only those that are wanted are asked for. */
	async #readFees(reads: BinanceReads, symbols: readonly string[]): Promise<ReadFailed | undefined> {
		const { hasFees, clock } = this.#parts;
		if (!hasFees) return undefined;
		const kept = this.#fees[reads.market];
		const nowMono = clock.monotonicMs();
		const old = symbols.filter((symbol) => nowMono - (kept.get(symbol)?.readAtMono ?? Number.NEGATIVE_INFINITY) >= FEES_KEPT_MS);
		const read = await Promise.all(old.map(async (symbol) => ({ symbol, fee: await reads.fees(symbol) })));
		for (const { symbol, fee } of read) {
			if (fee.kind === 'ok') kept.set(symbol, { rates: fee.value, readAtMono: nowMono });
			// A wrong symbol is told of by whoever looks for it, and a place for play may not have the path.
			else if (!isAboutSymbol(fee) && fee.code !== NO_SUCH_PATH) return fee;
		}
		return undefined;
	}
}

interface FeeKept {
	readonly rates: FeeRates;
	readonly readAtMono: number;
}

const INVALID_SYMBOL = -1121;

function isAboutSymbol(read: Read<FeeRates>): boolean {
	return read.kind === 'failed' && read.code === INVALID_SYMBOL;
}
