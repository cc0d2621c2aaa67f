/** Frames in the venue's form, tables to decode them with, and sinks that write down what they are told. */

import { type Instrument, type InstrumentSpec, instrumentIndex, makeInstrument } from '../../../domain/instrument.ts';
import { timeMs } from '../../../domain/units.ts';
import { InstrumentTable } from '../../wire/instrument-table.ts';
import type { BookFrame, Decoded, PrivateDecoder, PrivateSink, PublicDecoder, PublicSink } from './frames.ts';
import { TopicTable } from './topic-table.ts';

/** What is not said is that of BTCUSDT, a perpetual with tick 0.1 and lot 0.001. */
export function listed(index: number, spec: Partial<InstrumentSpec> = {}): Instrument {
	const made = makeInstrument(
		{
			venue: 'bybit',
			category: 'linear',
			symbol: 'BTCUSDT',
			baseCurrency: 'BTC',
			quoteCurrency: 'USDT',
			settleCurrency: 'USDT',
			status: 'trading',
			tickSize: '0.10',
			lotSize: '0.001',
			priceMin: '0',
			priceMax: '1000',
			qtyMin: '0',
			qtyMax: '1000',
			notionalMin: '5',
			reduceOnlySkipsNotionalMin: true,
			makerFeeRate: '0.0002',
			takerFeeRate: '0.00055',
			...spec,
		},
		{ index: instrumentIndex(index), version: 1, refreshedAtMs: timeMs(0) },
	);
	if (made.kind === 'refused') throw new Error(`${made.field} is ${made.found}, expected ${made.expected}`);
	return made.instrument;
}

const BTCUSDT = listed(0);
const ETHUSDT = listed(1, { symbol: 'ETHUSDT', baseCurrency: 'ETH', tickSize: '0.01', lotSize: '0.01' });
const PEPEUSDT = listed(2, { symbol: 'PEPEUSDT', baseCurrency: 'PEPE', tickSize: '0.00000001', lotSize: '100' });
/** The same symbol as the perpetual's, in finer steps. */
const BTCUSDT_SPOT = listed(3, { category: 'spot', tickSize: '0.01', lotSize: '0.000001' });

export const RECEIVED_AT = timeMs(1_771_000_000_123);

export function publicTopics(): TopicTable {
	const topics = new TopicTable();
	for (const instrument of [BTCUSDT, ETHUSDT, PEPEUSDT]) topics.set(instrument);
	return topics;
}

export function privateInstruments(): InstrumentTable {
	const instruments = new InstrumentTable();
	for (const instrument of [BTCUSDT, ETHUSDT, PEPEUSDT, BTCUSDT_SPOT]) instruments.set(instrument);
	return instruments;
}

export type Told = Readonly<Record<string, unknown>>;

/** Copies at once, since what it is handed is lent. */
export class PublicEar implements PublicSink {
	told: Told[] = [];

	book({ instrument, depth, delta, crossSequence, pushedAtMs }: BookFrame): void {
		const levels = Array.from({ length: delta.count }, (_, i) => [delta.sideAt(i), delta.ticksAt(i), delta.lotsAt(i)]);
		const { kind, sequence, venueAtMs, receivedAtMs } = delta;
		this.told.push({ book: instrument.id, depth, kind, sequence, crossSequence, venueAtMs, pushedAtMs, receivedAtMs, levels });
	}

	trade({ instrument, ...trade }: Parameters<PublicSink['trade']>[0]): void {
		this.told.push({ trade: instrument.id, ...trade });
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

	funding({ instrument, ...payment }: Parameters<PrivateSink['funding']>[0]): void {
		this.told.push({ funding: instrument.id, ...payment });
	}

	unbooked(instrument: Parameters<PrivateSink['unbooked']>[0]): void {
		this.told.push({ unbooked: instrument.id });
	}

	unlisted(): void {
		this.told.push({ unlisted: true });
	}

	other(message: unknown): void {
		this.told.push({ other: message });
	}
}

export interface Heard {
	/** What the decoder answered; of a bad frame the reason, where and what about. */
	readonly decoded: Decoded | readonly [reason: string, where: string, about: string | undefined];
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
	return typeof decoded === 'string' ? decoded : [decoded.reason, decoded.where, decoded.instrument?.id];
}

export const SNAPSHOT =
	'{"topic":"orderbook.50.BTCUSDT","type":"snapshot","ts":1771000000100,"data":{"s":"BTCUSDT","b":[["64999.90","1.250"],["64999.80","0.400"]],"a":[["65000.00","0.800"],["65000.10","2.000"]],"u":41200310,"seq":880012345670},"cts":1771000000098}';
export const DELTA =
	'{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1771000000120,"data":{"s":"BTCUSDT","b":[["64999.90","0"],["64999.70","3.100"]],"a":[],"u":41200311,"seq":880012345677},"cts":1771000000118}';
/** Spot puts the time before the type. */
export const TOP =
	'{"topic":"orderbook.1.BTCUSDT","ts":1771000000100,"type":"snapshot","data":{"s":"BTCUSDT","b":[["64999.90","1.250"]],"a":[["65000.00","0.800"]],"u":41200310,"seq":880012345670},"cts":1771000000098}';
export const TINY_PRICES =
	'{"topic":"orderbook.200.PEPEUSDT","type":"delta","ts":1771000000120,"data":{"s":"PEPEUSDT","b":[["0.00001234","123400"]],"a":[["0.00001235","98765432100"]],"u":7,"seq":8},"cts":1771000000118}';
export const TRADES =
	'{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1771000000130,"data":[{"T":1771000000128,"s":"BTCUSDT","S":"Buy","v":"0.010","p":"65000.00","L":"PlusTick","i":"c4d2e6a1-0b7e-5a3c-8f10-6d5b4c3a2911","BT":false,"RPI":false,"seq":880012345686},{"T":1771000000129,"s":"BTCUSDT","S":"Sell","v":"1","p":"64999.9","L":"MinusTick","i":"d4d2e6a1","BT":true,"RPI":true,"seq":880012345687}]}';
/** Another order of members, and none of the younger ones. */
export const SPOT_TRADE =
	'{"topic":"publicTrade.ETHUSDT","ts":1771000000130,"type":"snapshot","data":[{"i":"2290000000007764263","T":1771000000128,"p":"3200.50","v":"0.10","S":"Buy","s":"ETHUSDT","BT":false}]}';
export const PONG = '{"success":true,"ret_msg":"pong","conn_id":"c1","req_id":"p1","op":"ping"}';

export const ORDER =
	'{"id":"a1f0_BTCUSDT_1771000000","topic":"order","creationTime":1771000000140,"data":[{"category":"linear","symbol":"BTCUSDT","orderId":"7c1e2a40-5d6f-4c58-9a0e-1f2d3c4b5a69","orderLinkId":"mm-1a2b","parentOrderLinkId":"","blockTradeId":"","side":"Buy","orderType":"Limit","timeInForce":"PostOnly","price":"64990.00","qty":"0.010","orderStatus":"PartiallyFilled","avgPrice":"64990.00","leavesQty":"0.006","leavesValue":"389.94","cumExecQty":"0.004","cumExecValue":"259.96","cumExecFee":"0.051992","cumFeeDetail":{"USDT":"0.051992"},"closedPnl":"0","feeCurrency":"","createType":"CreateByUser","cancelType":"UNKNOWN","rejectReason":"EC_NoError","isLeverage":"","positionIdx":0,"stopOrderType":"","orderIv":"","marketUnit":"","slippageToleranceType":"UNKNOWN","slippageTolerance":"","triggerPrice":"","triggerDirection":0,"triggerBy":"","takeProfit":"","stopLoss":"","tpslMode":"","tpLimitPrice":"","slLimitPrice":"","tpTriggerBy":"","slTriggerBy":"","ocoTriggerBy":"","lastPriceOnCreated":"65000.00","reduceOnly":false,"closeOnTrigger":false,"placeType":"","smpType":"None","smpGroup":0,"smpOrderId":"","rpiTakerAccess":false,"rpiMatchedQty":"0","createdTime":"1771000000120","updatedTime":"1771000000139"}]}';
export const EXECUTION =
	'{"id":"900100200_BTCUSDT_300400500601","topic":"execution","creationTime":1771000000141,"data":[{"category":"linear","symbol":"BTCUSDT","orderId":"7c1e2a40-5d6f-4c58-9a0e-1f2d3c4b5a69","orderLinkId":"mm-1a2b","side":"Buy","orderPrice":"64990.00","orderQty":"0.010","leavesQty":"0.006","createType":"CreateByUser","orderType":"Limit","stopOrderType":"UNKNOWN","execFee":"0.051992","execId":"5e8f10c2-77aa-4d31-b0c9-1f60a2d3e4b5","execPrice":"64990.00","execQty":"0.004","execPnl":"0","execType":"Trade","execValue":"259.96","execTime":"1771000000138","isMaker":true,"feeRate":"0.0002","tradeIv":"","markIv":"","markPrice":"64995.10","indexPrice":"","underlyingPrice":"","blockTradeId":"","closedSize":"0","isLeverage":"0","marketUnit":"","extraFees":[],"seq":300400500601,"feeCurrency":"USDT"}]}';
export const FAST =
	'{"topic":"execution.fast","creationTime":1771000000139,"data":[{"category":"linear","symbol":"BTCUSDT","execId":"5e8f10c2-77aa-4d31-b0c9-1f60a2d3e4b5","execPrice":"64990.00","execQty":"0.004","orderId":"7c1e2a40-5d6f-4c58-9a0e-1f2d3c4b5a69","isMaker":true,"orderLinkId":"","side":"Buy","execTime":"1771000000138","seq":300400500601}]}';
export const WALLET = '{"id":"w","topic":"wallet","creationTime":1771000000150,"data":[{"accountType":"UNIFIED","coin":[]}]}';

/** A frame with one text in it replaced; the text must be there. */
export function changed(frame: string, from: string, to: string): string {
	if (!frame.includes(from)) throw new Error(`no ${from} in ${frame}`);
	return frame.replace(from, to);
}
