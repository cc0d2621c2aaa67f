/** Frames in the venue's form, tables to decode them with, and sinks that write down what they are told. */
import { type Instrument, type InstrumentSpec, instrumentIndex, makeInstrument } from '../../../domain/instrument.ts';
import { timeMs } from '../../../domain/units.ts';
import { InstrumentTable } from '../../wire/instrument-table.ts';
import type { BookFrame, Decoded, Market, PrivateDecoder, PrivateSink, PublicDecoder, PublicSink } from './frames.ts';
import { StreamTable } from './stream-table.ts';

/** What is not said is that of BTCUSDT: a perpetual with tick 0.1 and lot 0.001. */
export function listed(index: number, spec: Partial<InstrumentSpec> = {}): Instrument {
	const made = makeInstrument(
		{
			venue: 'binance',
			category: 'linear',
			symbol: 'BTCUSDT',
			baseCurrency: 'BTC',
			quoteCurrency: 'USDT',
			settleCurrency: 'USDT',
			status: 'trading',
			tickSize: '0.10',
			lotSize: '0.001',
			priceMin: '0',
			priceMax: '1000000',
			qtyMin: '0',
			qtyMax: '1000',
			notionalMin: '5',
			reduceOnlySkipsNotionalMin: true,
			makerFeeRate: '0.0002',
			takerFeeRate: '0.0005',
			...spec,
		},
		{ index: instrumentIndex(index), version: 1, refreshedAtMs: timeMs(0) },
	);
	if (made.kind === 'refused') throw new Error(`${made.field} is ${made.found}, expected ${made.expected}`);
	return made.instrument;
}

const GRIDS = {
	spot: { tickSize: '0.01000000', lotSize: '0.00001000' },
	linear: { tickSize: '0.10', lotSize: '0.001' },
} as const;

function instrumentsOf(market: Market): readonly Instrument[] {
	const category = market;
	return [
		listed(0, { category, ...GRIDS[market] }),
		listed(1, { category, symbol: 'ETHUSDT', baseCurrency: 'ETH', tickSize: '0.01', lotSize: '0.0001' }),
		listed(2, { category, symbol: 'PEPEUSDT', baseCurrency: 'PEPE', tickSize: '0.00000001', lotSize: '1' }),
	];
}

export const RECEIVED_AT = timeMs(1_771_000_000_223);

export function streamsOf(market: Market): StreamTable {
	const streams = new StreamTable(market);
	for (const instrument of instrumentsOf(market)) streams.set(instrument);
	return streams;
}

export function contextOf(market: Market): { readonly market: Market; readonly instruments: InstrumentTable } {
	const instruments = new InstrumentTable();
	for (const instrument of instrumentsOf(market)) instruments.set(instrument);
	return { market, instruments };
}

export type Told = Readonly<Record<string, unknown>>;

/** Copies at once, since what it is handed is lent. */
export class PublicEar implements PublicSink {
	told: Told[] = [];

	book({ instrument, delta, ...frame }: BookFrame): void {
		const levels = Array.from({ length: delta.count }, (_, i) => [delta.sideAt(i), delta.ticksAt(i), delta.lotsAt(i)]);
		const { kind, sequence, venueAtMs, receivedAtMs } = delta;
		this.told.push({ book: instrument.id, ...frame, kind, sequence, venueAtMs, receivedAtMs, levels });
	}

	top({ instrument, ...top }: Parameters<PublicSink['top']>[0]): void {
		this.told.push({ top: instrument.id, ...top });
	}

	trade({ instrument, ...trade }: Parameters<PublicSink['trade']>[0]): void {
		this.told.push({ trade: instrument.id, ...trade });
	}

	mark({ instrument, ...mark }: Parameters<PublicSink['mark']>[0]): void {
		this.told.push({ mark: instrument.id, ...mark });
	}

	other(message: unknown): void {
		this.told.push({ other: message });
	}
}

export class PrivateEar implements PrivateSink {
	told: Told[] = [];

	order({ instrument, ...report }: Parameters<PrivateSink['order']>[0]): void {
		this.told.push({ order: instrument.id, ...report });
	}

	execution({ instrument, ...execution }: Parameters<PrivateSink['execution']>[0], cause: string): void {
		this.told.push({ execution: instrument.id, cause, ...execution });
	}

	fastFill({ instrument, ...fill }: Parameters<PrivateSink['fastFill']>[0]): void {
		this.told.push({ fast: instrument.id, ...fill });
	}

	balance({ currency, ...news }: Parameters<PrivateSink['balance']>[0]): void {
		this.told.push({ balance: currency, ...news });
	}

	position({ instrument, ...news }: Parameters<PrivateSink['position']>[0]): void {
		this.told.push({ position: instrument.id, ...news });
	}

	unbooked(instrument: Instrument | undefined): void {
		this.told.push({ unbooked: instrument?.id });
	}

	unlisted(): void {
		this.told.push({ unlisted: true });
	}

	other(message: unknown): void {
		this.told.push({ other: message });
	}
}

export interface Heard {
	/** What the decoder answered; of a bad frame the reason, where, what about, and whether a book is broken by it. */
	readonly decoded: Decoded | readonly [reason: string, where: string, about: string | undefined, isBook: boolean];
	readonly told: readonly Told[];
}

export function hearPublic(decoder: PublicDecoder, frame: string | Uint8Array): Heard {
	const ear = new PublicEar();
	const decoded = decoder.decode(bytesOf(frame), ear, RECEIVED_AT);
	return { decoded: brief(decoded), told: ear.told };
}

export function hearPrivate(decoder: PrivateDecoder, frame: string | Uint8Array): Heard {
	const ear = new PrivateEar();
	const decoded = decoder.decode(bytesOf(frame), ear);
	return { decoded: brief(decoded), told: ear.told };
}

export function bytesOf(frame: string | Uint8Array): Uint8Array {
	return typeof frame === 'string' ? Buffer.from(frame) : frame;
}

function brief(decoded: Decoded): Heard['decoded'] {
	if (typeof decoded === 'string') return decoded;
	return [decoded.reason, decoded.where, decoded.instrument?.id, decoded.isBook];
}

/** In the combined form. */
export function combined(stream: string, frame: string): string {
	return `{"stream":"${stream}","data":${frame}}`;
}

/** As the WS API of spot wraps events. */
export function asEvent(frame: string): string {
	return `{"subscriptionId":0,"event":${frame}}`;
}

export const SPOT_DIFF =
	'{"e":"depthUpdate","E":1771000000130,"s":"BTCUSDT","U":70120400101,"u":70120400105,"b":[["64999.99000000","0.00000000"],["64999.50000000","0.75000000"]],"a":[["65000.00000000","12.00001000"]]}';
export const SPOT_PARTIAL =
	'{"lastUpdateId":70120400100,"bids":[["64999.99000000","0.51200000"]],"asks":[["65000.00000000","1.20400000"]]}';
export const SPOT_TOP =
	'{"u":70120400105,"s":"BTCUSDT","b":"64999.50000000","B":"0.75000000","a":"65000.00000000","A":"1.20400000"}';
export const SPOT_TRADE =
	'{"e":"trade","E":1771000000131,"s":"BTCUSDT","t":880011,"p":"65000.00000000","q":"0.01000000","T":1771000000130,"m":false,"M":true}';
export const SPOT_AGG_TRADE =
	'{"e":"aggTrade","E":1771000000131,"s":"BTCUSDT","a":660021,"p":"65000.00000000","q":"0.01000000","f":880011,"l":880011,"T":1771000000130,"m":true,"M":true}';

export const DIFF =
	'{"e":"depthUpdate","E":1771000000130,"T":1771000000128,"s":"BTCUSDT","ps":"BTCUSDT","st":1,"U":9100200290,"u":9100200310,"pu":9100200285,"b":[["64999.90","1.100"]],"a":[["65000.00","0"],["65000.1","0.003"]]}';
export const TINY_PRICES =
	'{"e":"depthUpdate","E":1771000000130,"T":1771000000128,"s":"PEPEUSDT","U":7,"u":9,"pu":5,"b":[["0.00001234","123456"]],"a":[["0.00001235","98765432100"]]}';
export const TOP =
	'{"e":"bookTicker","u":9100200310,"E":1771000000130,"T":1771000000128,"s":"BTCUSDT","b":"64999.90","B":"1.100","a":"65000.10","A":"2.000","st":1,"ps":"BTCUSDT"}';
export const TRADE =
	'{"e":"trade","E":1771000000131,"T":1771000000129,"s":"BTCUSDT","t":550003,"p":"65000.00","q":"0.010","X":"MARKET","m":true}';
export const AGG_TRADE =
	'{"e":"aggTrade","E":1771000000131,"a":330011,"s":"BTCUSDT","p":"65000.00","q":"0.010","nq":"0.010","f":550001,"l":550002,"T":1771000000129,"m":false,"st":1}';
export const MARK =
	'{"e":"markPriceUpdate","E":1771000001000,"s":"BTCUSDT","p":"64995.12500000","ap":"64995.00000000","i":"64994.80000000","P":"64994.90000000","r":"-0.00010000","T":1771027200000,"st":1}';
export const ACK = '{"result":null,"id":1}';

/** Beyond 2^53: as a double it would end in 600. */
export const LONG_ID = '8389766100200300401';

export const SPOT_ORDER =
	'{"e":"executionReport","E":1771000000140,"s":"BTCUSDT","c":"mm-1a2b","S":"BUY","o":"LIMIT","f":"GTC","q":"0.01000000","p":"64990.00000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":"TRADE","X":"PARTIALLY_FILLED","r":"NONE","i":4100200300,"l":"0.00400000","z":"0.00400000","L":"64990.00000000","n":"0.00000400","N":"BTC","T":1771000000139,"t":880012,"I":9100001,"w":true,"m":true,"M":false,"O":1771000000130,"Z":"259.96000000","Y":"259.96000000","Q":"0.00000000","W":1771000000130,"V":"EXPIRE_MAKER"}';
export const ORDER = `{"e":"ORDER_TRADE_UPDATE","T":1771000000139,"E":1771000000140,"o":{"s":"BTCUSDT","c":"mm-1a2b","S":"SELL","o":"LIMIT","f":"GTX","q":"0.010","p":"64990.00","ap":"64990.00","sp":"0","x":"TRADE","X":"PARTIALLY_FILLED","i":${LONG_ID},"l":"0.004","z":"0.004","L":"64990.00","N":"USDT","n":"0.05199200","T":1771000000138,"t":550003,"b":"389.94","a":"0","m":true,"R":false,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"BOTH","cp":false,"pP":false,"si":0,"ss":0,"rp":"0","V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}}`;
export const FAST = `{"e":"TRADE_LITE","E":1771000000139,"T":1771000000138,"s":"BTCUSDT","q":"0.010","p":"64990.00","m":true,"c":"mm-1a2b","S":"SELL","L":"64990.00","l":"0.004","t":550003,"i":${LONG_ID}}`;
export const SPOT_ACCOUNT =
	'{"e":"outboundAccountPosition","E":1771000000141,"u":1771000000139,"B":[{"a":"BTC","f":"1.00399600","l":"0.00000000"},{"a":"USDT","f":"9350.10000000","l":"389.94000000"}]}';
export const ACCOUNT =
	'{"e":"ACCOUNT_UPDATE","E":1771000000140,"T":1771000000139,"a":{"m":"ORDER","B":[{"a":"USDT","wb":"9999.94800800","cw":"9999.94800800","bc":"0"}],"P":[{"s":"BTCUSDT","pa":"-0.004","ep":"64990.0","bep":"65002.9","cr":"0","up":"0.02040000","mt":"cross","iw":"0","ps":"BOTH"}]}}';
export const FUNDING =
	'{"e":"ACCOUNT_UPDATE","E":1771000000140,"T":1771000000139,"a":{"m":"FUNDING_FEE","S":"BTCUSDT","B":[{"a":"USDT","wb":"9999.90","cw":"9999.90","bc":"-0.048008"}]}}';

/** A frame with texts in it replaced; each must be there. */
export function changed(frame: string, ...pairs: readonly (readonly [from: string, to: string])[]): string {
	return pairs.reduce((text, [from, to]) => {
		if (!text.includes(from)) throw new Error(`no ${from} in ${text}`);
		return text.replace(from, to);
	}, frame);
}
