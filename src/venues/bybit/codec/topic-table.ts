/**
 * Which instruments a public connection is about, found by the bytes of a topic without making a string. An instrument
 * that changes is set again and takes the place of its older version.
 */
import type { Instrument } from '../../../domain/instrument.ts';
import { asciiBytes, ByteTable, isPlainWord } from '../../wire/byte-table.ts';
import { type BookDepth, FRAME_DEPTHS } from './frames.ts';

/** A subscription as its frames name it. */
export interface Topic {
	readonly kind: 'book' | 'trade';
	/** 0 for trades. */
	readonly depth: BookDepth | 0;
	readonly instrument: Instrument;
	readonly symbolBytes: Uint8Array;
}

/** The hot topics of one public connection, which is about one category. */
export class TopicTable {
	readonly #byBytes = new ByteTable<Topic>();
	readonly #byText = new Map<string, Topic>();

	set(instrument: Instrument): void {
		const symbolBytes = asciiBytes(instrument.symbol);
		for (const depth of FRAME_DEPTHS) {
			this.#add(`orderbook.${depth}.${instrument.symbol}`, { kind: 'book', depth, instrument, symbolBytes });
		}
		this.#add(`publicTrade.${instrument.symbol}`, { kind: 'trade', depth: 0, instrument, symbolBytes });
	}

	find(bytes: Uint8Array, start: number, end: number): Topic | undefined {
		return this.#byBytes.find(bytes, start, end);
	}

	findText(topic: string): Topic | undefined {
		return this.#byText.get(topic);
	}

	#add(name: string, topic: Topic): void {
		// A name that needs escapes or more than ASCII is left to the plain decoder, which knows it by its text.
		if (isPlainWord(name)) this.#byBytes.set(name, topic);
		this.#byText.set(name, topic);
	}
}
