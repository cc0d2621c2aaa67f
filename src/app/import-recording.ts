/**
 * Makes one recording of files that others have recorded: finds out what they hold, looks through all of them, tells them
 * to a writer, and reads back what was written before it gets its name. The files are read in the order in which they are
 * named, as if they were one; a chunk of one is in memory at a time.
 */
import { join } from 'node:path';
import { gridOf, printSteps, stepsToNumber } from '../domain/grid.ts';
import type { Category } from '../domain/instrument.ts';
import type { MarketSink, RecordedInstrument } from '../domain/market-record.ts';
import { DiskError } from '../ports/disk.ts';
import { LinesError, readLines } from '../storage/market-data/packed-lines.ts';
import { draftRecording, type RecordingDraft } from '../storage/market-data/recording-file.ts';
import { RecordingError, RecordingReader } from '../storage/market-data/recording-reader.ts';
import { RecordingWriter } from '../storage/market-data/recording-writer.ts';
import { BINANCE_FRAMES } from '../venues/binance/recorded-survey.ts';
import { BYBIT_ARCHIVE } from '../venues/bybit/archive.ts';
import { LineFault, type RecordedFormat, type ReplayCounts, type Survey, type Surveyed } from '../venues/wire/recorded.ts';
import { type RecordingFigures, RecordingTally } from './recording-tally.ts';

export interface ImportAsked {
	/** At least one. */
	readonly files: readonly string[];
	/** Where the recording goes; made if it is not there. */
	readonly folder: string;
	/** What the files are of, where they do not say it themselves. */
	readonly category: Category | undefined;
	readonly signal: AbortSignal;
	/** For tests of disks that do not keep what they were given. */
	readonly draft?: typeof draftRecording;
}

export interface ImportReport {
	readonly file: string;
	readonly bytes: number;
	readonly instrument: RecordedInstrument;
	/** When the first frame arrived, and the last. */
	readonly firstAtUs: number;
	readonly lastAtUs: number;
	readonly counts: Readonly<ReplayCounts>;
	readonly figures: RecordingFigures;
	readonly prices: Prices;
}

/** As the venue would write them; null where there is none. */
export interface Prices {
	readonly bestBid: string | null;
	readonly bestAsk: string | null;
	/** Of all trades, by quantity. */
	readonly vwap: number | null;
}

/** What a category may be called. */
export const CATEGORIES = ['spot', 'linear', 'inverse'] as const satisfies readonly Category[];

export type Imported =
	| { readonly kind: 'done'; readonly report: ImportReport }
	/** `place` is a file, and the line if there is one to look at. Nothing was written. */
	| { readonly kind: 'refused'; readonly place: string; readonly sentence: string; readonly isUsage: boolean }
	| { readonly kind: 'stopped' };

const FORMATS: readonly RecordedFormat[] = [BINANCE_FRAMES, BYBIT_ARCHIVE];

class Refusal extends Error {
	override readonly name = 'Refusal';
	readonly place: string;
	readonly isUsage: boolean;

	constructor(place: string, sentence: string, isUsage = false) {
		super(sentence);
		this.place = place;
		this.isUsage = isUsage;
	}
}

export async function importRecording(asked: ImportAsked): Promise<Imported> {
	try {
		return { kind: 'done', report: await importAll(asked) };
	} catch (error) {
		if (asked.signal.aborted) return { kind: 'stopped' };
		if (error instanceof Refusal) {
			return { kind: 'refused', place: error.place, sentence: error.message, isUsage: error.isUsage };
		}
		if (error instanceof DiskError) {
			const sentence = `the disk does not take the recording, and nothing is left of it: ${error.message}`;
			return { kind: 'refused', place: asked.folder, sentence, isUsage: false };
		}
		throw error;
	}
}

async function importAll(asked: ImportAsked): Promise<ImportReport> {
	const surveyed = await survey(asked);
	const path = join(asked.folder, nameOf(surveyed));
	const draft = (asked.draft ?? draftRecording)(path);
	if (draft.kind === 'refused') throw new Refusal(path, draft.sentence, true);
	using _ = draft;
	const { counts, figures, bytes } = await replay(asked, surveyed, draft);
	if (readBack(draft) !== JSON.stringify(figures)) {
		throw new Refusal(path, 'what was written reads otherwise than it was told, so it was not kept: the disk may be failing');
	}
	draft.publish();
	const { instrument, firstAtUs, lastAtUs } = surveyed;
	const prices = pricesOf(instrument, figures);
	return { file: path, bytes, instrument, firstAtUs, lastAtUs, counts, figures, prices };
}

type Found = Extract<Surveyed, { readonly kind: 'found' }>;

async function survey({ files, category, signal }: ImportAsked): Promise<Found> {
	let format: RecordedFormat | undefined;
	let begun: Survey | undefined;
	let lastAtUs = 0;
	for (const [index, file] of files.entries()) {
		let isFirstLine = true;
		await readFile(file, signal, (line) => {
			format ??= formatOf(line);
			begun ??= format.survey(category);
			if (isFirstLine && !format.isLike(line)) throw new LineFault(`expected ${format.about}, as in ${files[index - 1]}`);
			begun.line(line);
			if (isFirstLine && begun.lastAtUs < lastAtUs) {
				throw new LineFault(`it begins before ${files[index - 1]} ends: name the files in order of time`);
			}
			isFirstLine = false;
			lastAtUs = begun.lastAtUs;
		});
		if (isFirstLine) throw new Refusal(file, 'there is not a line in it');
	}
	const [firstFile = ''] = files;
	const surveyed = begun?.end() ?? { kind: 'nothing', sentence: 'there is no file to import' };
	if (surveyed.kind === 'nothing') throw new Refusal(firstFile, surveyed.sentence);
	return surveyed;
}

function formatOf(line: Uint8Array): RecordedFormat {
	const format = FORMATS.find((each) => each.isLike(line));
	if (format !== undefined) return format;
	throw new LineFault(`it is in no format that can be read: expected ${FORMATS.map(({ about }) => about).join(', or ')}`);
}

async function replay(
	{ files, signal }: ImportAsked,
	found: Found,
	draft: RecordingDraft,
): Promise<Pick<ImportReport, 'counts' | 'figures' | 'bytes'>> {
	let bytes = 0;
	const writer = new RecordingWriter([found.instrument], (block) => {
		bytes += block.length;
		draft.write(block);
	});
	const tally = new RecordingTally();
	const replaying = found.replay(both(writer, tally));
	for (const file of files) await readFile(file, signal, (line) => replaying.line(line));
	writer.end();
	return { bytes, counts: replaying.counts, figures: tally.figures() };
}

function readBack({ readAt }: RecordingDraft): string {
	try {
		const reader = new RecordingReader(readAt);
		const tally = new RecordingTally();
		while (reader.tellNext(tally)) continue;
		return JSON.stringify(tally.figures());
	} catch (error) {
		if (error instanceof RecordingError) return error.message;
		throw error;
	}
}

function both(first: MarketSink, second: MarketSink): MarketSink {
	return {
		book: (at, delta) => {
			first.book(at, delta);
			second.book(at, delta);
		},
		bookLost: (at, reason) => {
			first.bookLost(at, reason);
			second.bookLost(at, reason);
		},
		top: (at, top) => {
			first.top(at, top);
			second.top(at, top);
		},
		trade: (at, trade) => {
			first.trade(at, trade);
			second.trade(at, trade);
		},
		mark: (at, mark) => {
			first.mark(at, mark);
			second.mark(at, mark);
		},
	};
}

/** Says of every error in which file, and if it is about a line in which line, it stands. */
async function readFile(path: string, signal: AbortSignal, onLine: (line: Uint8Array) => void): Promise<void> {
	let lineNumber = 0;
	try {
		await readLines(
			path,
			(line, number) => {
				lineNumber = number;
				onLine(line);
			},
			signal,
		);
	} catch (error) {
		if (error instanceof LineFault) throw new Refusal(`${path}:${lineNumber}`, error.message);
		if (!(error instanceof LinesError)) throw error;
		const { code, line, message } = error;
		if (code === 'damaged') throw new Refusal(path, `${message}; its first ${line} lines can be read`);
		throw new Refusal(path, message, code !== 'line-too-long');
	}
}

function pricesOf({ tickSize }: RecordedInstrument, figures: RecordingFigures): Prices {
	const grid = gridOf(tickSize);
	if (grid === undefined) return { bestBid: null, bestAsk: null, vwap: null };
	const { bestBidTicks, bestAskTicks, vwapTicks } = figures;
	return {
		bestBid: bestBidTicks === 0 ? null : printSteps(grid, bestBidTicks),
		bestAsk: bestAskTicks === 0 ? null : printSteps(grid, bestAskTicks),
		vwap: Number.isNaN(vwapTicks) ? null : Number(stepsToNumber(grid, vwapTicks).toPrecision(12)),
	};
}

/** Names sort by time, and say what is in them. */
function nameOf({ instrument: { venue, category, symbol }, firstAtUs }: Found): string {
	const time = new Date(Math.floor(firstAtUs / 1000)).toISOString().replaceAll(/[-:.]/g, '');
	return `${venue}-${category}-${symbol}-${time}.recording`;
}
