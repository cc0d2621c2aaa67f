/**
 * Which instruments a public connection is about, and what its streams are called, found by the bytes of a name without
 * making a string. Streams have lower-case names, data the symbol as it is. An instrument that changes is set again.
 */
import type { Instrument } from '../../../domain/instrument.ts';
import { asciiBytes, ByteTable, isPlainWord } from '../../wire/byte-table.ts';
import type { Market } from './frames.ts';

export type StreamKind = 'diff' | 'partial' | 'top' | 'trade' | 'aggTrade' | 'mark';

export interface Stream {
	readonly kind: StreamKind;
	readonly listed: Listed;
}

export interface Listed {
	readonly instrument: Instrument;
	readonly symbolBytes: Uint8Array;
}

const SPEEDS = ['', '@0ms', '@100ms', '@250ms', '@500ms', '@1000ms'];
/** All names of all streams that the codec reads, behind the symbol. */
const SUFFIXES: readonly (readonly [suffix: string, kind: StreamKind])[] = [
	...SPEEDS.map((speed) => [`@depth${speed}`, 'diff'] as const),
	...[5, 10, 20].flatMap((depth) => SPEEDS.map((speed) => [`@depth${depth}${speed}`, 'partial'] as const)),
	['@bookTicker', 'top'],
	['@trade', 'trade'],
	['@aggTrade', 'aggTrade'],
	['@markPrice', 'mark'],
	['@markPrice@1s', 'mark'],
];

/** The name of a stream that the codec reads, whoever it is about. */
const READABLE = /@(?:depth(?:5|10|20)?(?:@\d+ms)?|bookTicker|trade|aggTrade|markPrice(?:@1s)?)$/;

export function isReadableStream(name: string): boolean {
	return READABLE.test(name);
}

export class StreamTable {
	readonly market: Market;
	readonly #streamsByBytes = new ByteTable<Stream>();
	readonly #streamsByText = new Map<string, Stream>();
	readonly #symbolsByBytes = new ByteTable<Listed>();
	readonly #symbolsByText = new Map<string, Listed>();

	constructor(market: Market) {
		this.market = market;
	}

	set(instrument: Instrument): void {
		const { symbol } = instrument;
		const listed: Listed = { instrument, symbolBytes: asciiBytes(symbol) };
		// What needs escapes or more than ASCII is left to the plain decoder, which knows it by its text.
		if (isPlainWord(symbol)) this.#symbolsByBytes.set(symbol, listed);
		this.#symbolsByText.set(symbol, listed);
		for (const [suffix, kind] of SUFFIXES) {
			const name = `${symbol.toLowerCase()}${suffix}`;
			const stream: Stream = { kind, listed };
			if (isPlainWord(name) && isPlainWord(symbol)) this.#streamsByBytes.set(name, stream);
			this.#streamsByText.set(name, stream);
		}
	}

	findStream(bytes: Uint8Array, start: number, end: number): Stream | undefined {
		return this.#streamsByBytes.find(bytes, start, end);
	}

	findStreamText(name: string): Stream | undefined {
		return this.#streamsByText.get(name);
	}

	findSymbol(bytes: Uint8Array, start: number, end: number): Listed | undefined {
		return this.#symbolsByBytes.find(bytes, start, end);
	}

	findSymbolText(symbol: string): Listed | undefined {
		return this.#symbolsByText.get(symbol);
	}
}
