/** An order update of futures from its bytes to our order report and execution. JSON.parse alone loses digits of the id. */
import type { PrivateDecoder, PrivateSink } from '../../../src/venues/binance/codec/frames.ts';
import { PlainPrivateDecoder } from '../../../src/venues/binance/codec/plain-private.ts';
import { createPrivateDecoder } from '../../../src/venues/binance/codec/scan-private.ts';
import { InstrumentTable } from '../../../src/venues/wire/instrument-table.ts';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import type { Variant } from '../../harness.ts';
import { SYMBOL } from './book-frames.ts';

const ORDER_ID = '83897661002003';
const START_MS = 1_771_000_000_139;

export function orderContestants(perRun: number): Readonly<Record<'ours' | 'twin' | 'JSON.parse alone', Variant>> {
	const instruments = new InstrumentTable();
	instruments.set(makeTestInstrument({ venue: 'binance', symbol: SYMBOL }));
	const context = { market: 'linear', instruments } as const;
	let last: unknown;
	return {
		ours: decoding(createPrivateDecoder(context), perRun),
		twin: decoding(new PlainPrivateDecoder(context), perRun),
		'JSON.parse alone': variant(perRun, (frame) => {
			last = JSON.parse(frame.toString());
			return last === undefined ? 1 : 0;
		}),
	};
}

function decoding(decoder: PrivateDecoder, perRun: number): Variant {
	let sum = 0;
	const nothing = (): void => {};
	const sink: PrivateSink = {
		order: ({ filledLots, venueOrderId }) => {
			sum += filledLots + venueOrderId.length;
		},
		execution: ({ qtyLots }) => {
			sum += qtyLots;
		},
		fastFill: nothing,
		balance: nothing,
		position: nothing,
		unbooked: nothing,
		unlisted: nothing,
		other: nothing,
	};
	return variant(perRun, (frame) => {
		const decoded = decoder.decode(frame, sink);
		if (decoded !== 'taken') throw new Error(`a frame was not taken: ${JSON.stringify(decoded)}`);
		return sum;
	});
}

function variant(perRun: number, take: (frame: Buffer) => number): Variant {
	let next = 0;
	let frames: Buffer[] = [];
	return {
		prepare() {
			frames = Array.from({ length: perRun }, (_, i) => Buffer.from(orderUpdate(next + i), 'latin1'));
			next += perRun;
		},
		run() {
			let sum = 0;
			for (let i = 0; i < frames.length; i++) sum = take(frames[i] as Buffer);
			return sum;
		},
	};
}

function orderUpdate(index: number): string {
	const T = START_MS + index;
	const id = `${ORDER_ID}${String(10_000 + (index % 10_000))}`;
	return `{"e":"ORDER_TRADE_UPDATE","T":${T},"E":${T + 1},"o":{"s":"${SYMBOL}","c":"mm-1a2b${index}","S":"BUY","o":"LIMIT","f":"GTX","q":"0.010","p":"64990.00","ap":"64990.00","sp":"0","x":"TRADE","X":"PARTIALLY_FILLED","i":${id},"l":"0.004","z":"0.004","L":"64990.00","N":"USDT","n":"0.05199200","T":${T},"t":${550_003 + index},"b":"389.94","a":"0","m":true,"R":false,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"BOTH","cp":false,"pP":false,"si":0,"ss":0,"rp":"0","V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}}`;
}
