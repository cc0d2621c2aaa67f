/** What Bybit lists, as the keeper of instruments (../wire/instruments.ts) wants it read. */
import type { Category, InstrumentSpec } from '../../domain/instrument.ts';
import type { EventSink } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import { type InstrumentSource, Instruments, nameAndStatus, type RowsRead } from '../wire/instruments.ts';
import { specOf } from './instruments-spec.ts';
import type { BybitReads } from './reads.ts';
import type { FeeRate } from './reads-schemas.ts';

export interface InstrumentsParts {
	readonly venue: string;
	readonly reads: BybitReads;
	readonly clock: Clock;
	/** What the venue takes for the time. */
	readonly venueNowMs: () => number;
	/** Whether the venue says what this account pays; otherwise its published rates are taken. */
	readonly hasFees: boolean;
	readonly sink: EventSink;
}

const STATUSES_AT_REST = ['PreLaunch', 'Settling', 'Delivering', 'Closed'] as const;

const NO_SUCH_ROUTE = 10017;
const NO_SUCH_PATH = 404;

export class BybitInstruments extends Instruments {
	constructor(parts: InstrumentsParts) {
		super({ source: new BybitSource(parts), clock: parts.clock, sink: parts.sink });
	}
}

class BybitSource implements InstrumentSource {
	readonly venueName = 'Bybit';
	readonly categories: readonly Category[] = ['linear', 'spot', 'inverse'];
	readonly tradingWord = 'Trading';
	readonly #parts: InstrumentsParts;

	constructor(parts: InstrumentsParts) {
		this.#parts = parts;
	}

	/** Nobody trades what was only looked through, so its fees do not matter. */
	async read(category: Category, symbols: readonly string[]): Promise<RowsRead> {
		const { reads, venue, venueNowMs, hasFees } = this.#parts;
		const rows = await reads.instrumentRows(category);
		if (rows.kind === 'failed') return rows;
		const fees = new Map<string, FeeRate>();
		if (hasFees && symbols.length > 0) {
			const read = await reads.fees(category);
			// The demo environment has no such path.
			if (read.kind === 'failed' && read.code !== NO_SUCH_ROUTE && read.code !== NO_SUCH_PATH) return read;
			if (read.kind === 'ok') for (const fee of read.value) fees.set(fee.symbol, fee);
		}
		const specs = new Map<string, InstrumentSpec>();
		const listed = new Map<string, string>();
		for (const row of rows.value) {
			const named = nameAndStatus(row);
			if (named !== undefined) listed.set(named.symbol, named.status);
			const context = { venue, category, venueNowMs: venueNowMs(), fee: fees.get(named?.symbol ?? '') };
			const spec = specOf(row, context);
			if (spec !== undefined) specs.set(spec.symbol, spec);
		}
		return { kind: 'ok', rows: { specs, listed } };
	}

	/** What it pays is of no interest: nothing is placed there. */
	async specAtRest(symbol: string, category: Category): Promise<InstrumentSpec | undefined> {
		const { reads, venue, venueNowMs } = this.#parts;
		for (const status of STATUSES_AT_REST) {
			const read = await reads.instrumentRows(category, { symbol, status });
			const row = read.kind === 'ok' ? read.value.find((each) => nameAndStatus(each)?.symbol === symbol) : undefined;
			if (row !== undefined) return specOf(row, { venue, category, venueNowMs: venueNowMs(), fee: undefined });
		}
		return undefined;
	}

	/** The venue shows what does not trade to those alone who ask for that status. */
	async statusOf(symbol: string, category: Category): Promise<string | undefined> {
		for (const status of STATUSES_AT_REST) {
			const read = await this.#parts.reads.instrumentRows(category, { symbol, status });
			const isThere = read.kind === 'ok' && read.value.some((row) => nameAndStatus(row)?.symbol === symbol);
			if (isThere) return status;
		}
		return undefined;
	}
}
