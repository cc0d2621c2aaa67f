/**
 * The plain decoder of private frames: JSON and explicit checks, record by record. It is what a record means; the scanner
 * in scan-private.ts may only ever agree with it or leave the frame to it.
 */
import type { Instrument } from '../../../domain/instrument.ts';
import type { TimeMs } from '../../../domain/units.ts';
import type { InstrumentTable } from '../../wire/instrument-table.ts';
import { isObject, type JsonObject, wholeNumber } from '../../wire/plain-values.ts';
import type { Decoded, Market, PrivateDecoder, PrivateSink } from './frames.ts';
import { bad, type Fault, fault, isFault, parseFrame, type Wrong } from './plain.ts';
import { tellBalancesOfSpot, tellUpdateOfAccount } from './plain-account.ts';
import { readFastFill, readFill, readReport } from './plain-orders.ts';

export interface PrivateContext {
	readonly market: Market;
	readonly instruments: InstrumentTable;
}

export class PlainPrivateDecoder implements PrivateDecoder {
	readonly #context: PrivateContext;

	constructor(context: PrivateContext) {
		this.#context = context;
	}

	decode(bytes: Uint8Array, sink: PrivateSink): Decoded {
		const parsed = parseFrame(bytes);
		if (parsed.kind === 'bad') return parsed;
		const { message } = parsed;
		const { record, path } = unwrapped(message);
		const wrong = this.#tell(record, sink);
		if (wrong === 'other') {
			sink.other(message);
			return 'other';
		}
		if (wrong === undefined) return 'taken';
		return bad({ reason: wrong.reason, where: `${path}${wrong.where}` }, wrong);
	}

	#tell(record: JsonObject, sink: PrivateSink): Wrong | 'other' | undefined {
		const event = record['e'];
		if (this.#context.market === 'spot') {
			if (event === 'executionReport') return this.#order(record, record['T'], '', sink);
			if (event === 'outboundAccountPosition') return tellBalancesOfSpot(record, sink);
			return 'other';
		}
		if (event === 'ORDER_TRADE_UPDATE') {
			const order = record['o'];
			if (!isObject(order)) return about(undefined, fault('missing', 'o'));
			return this.#order(order, record['T'], 'o.', sink);
		}
		if (event === 'TRADE_LITE') return this.#fastFill(record, sink);
		if (event === 'ACCOUNT_UPDATE') return tellUpdateOfAccount(record, this.#context.instruments, sink);
		return 'other';
	}

	/** An order as it is now and, if that is the news, its fill: two facts, of which one may be readable alone. */
	#order(order: JsonObject, updatedAt: unknown, path: string, sink: PrivateSink): Wrong | undefined {
		const subject = this.#subject(order, path);
		if (subject === undefined) {
			sink.unlisted();
			return undefined;
		}
		if (isFault(subject)) return about(undefined, subject);
		const updatedAtMs = wholeNumber(updatedAt);
		const report =
			typeof updatedAtMs === 'string'
				? fault(updatedAtMs, 'T')
				: this.#inItsGrid(subject, (version) => readReport(order, version, updatedAtMs as TimeMs));
		if (!isFault(report)) sink.order(report);
		const fill = this.#inItsGrid(subject, (version) => readFill(order, version, this.#context.market));
		if (fill === 'unbooked') sink.unbooked(subject);
		else if (fill !== undefined && !isFault(fill)) sink.execution(fill.execution, fill.cause);
		// The time of an update of futures stands beside the order.
		if (isFault(report)) return about(subject, { reason: report.reason, where: `${pathOf(report, path)}${report.where}` });
		if (fill !== undefined && fill !== 'unbooked' && isFault(fill)) {
			return about(subject, { reason: fill.reason, where: `${path}${fill.where}` });
		}
		return undefined;
	}

	#fastFill(record: JsonObject, sink: PrivateSink): Wrong | undefined {
		const subject = this.#subject(record, '');
		if (subject === undefined) {
			sink.unlisted();
			return undefined;
		}
		if (isFault(subject)) return about(undefined, subject);
		const fill = this.#inItsGrid(subject, (version) => readFastFill(record, version));
		if (isFault(fill)) return about(subject, fill);
		sink.fastFill(fill);
		return undefined;
	}

	#subject(record: JsonObject, path: string): Instrument | Fault | undefined {
		const symbol = record['s'];
		if (typeof symbol !== 'string') return fault('missing', `${path}s`);
		return this.#context.instruments.findText(this.#context.market, symbol);
	}

	/** What does not fit the grid of today may be of an order from before the grid changed (F59). */
	#inItsGrid<Read>(instrument: Instrument, read: (version: Instrument) => Read | Fault): Read | Fault {
		const now = read(instrument);
		if (!isOffGrid(now)) return now;
		for (const former of this.#context.instruments.formerOf(instrument)) {
			const then = read(former);
			if (!isOffGrid(then)) return then;
		}
		return now;
	}
}

function isOffGrid(read: unknown): boolean {
	return isObject(read) && isFault(read) && read.reason === 'off-grid';
}

function about(instrument: Instrument | undefined, wrong: Fault | undefined): Wrong | undefined {
	return wrong === undefined ? undefined : { ...wrong, instrument };
}

/** The WS API wraps events in one way, combined streams in another. */
function unwrapped(message: JsonObject): { readonly record: JsonObject; readonly path: string } {
	if (isObject(message['event'])) return { record: message['event'], path: 'event.' };
	if ('stream' in message && isObject(message['data'])) return { record: message['data'], path: 'data.' };
	return { record: message, path: '' };
}

function pathOf({ where }: Fault, path: string): string {
	return where === 'T' ? '' : path;
}
