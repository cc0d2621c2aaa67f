/**
 * How the account is set up now: one position a symbol or two, what backs them, and how far (F62). The list of positions names only
 * symbols that hold something, so each is asked about by itself, a few at a time and in turn. What cannot be found out is
 * left out; it will be asked about again.
 */
import type { Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import type { HeldMode } from '../wire/account-feed.ts';
import { isObject, type JsonObject } from '../wire/plain-values.ts';
import { venueText } from '../wire/verdict.ts';
import { type Read, readPages } from './pages.ts';

export interface ModesAsked {
	readonly read: Read;
	readonly instruments: readonly Instrument[];
	/** Counts the times; whose turn it is follows from it. */
	readonly round: number;
}

const ASKED_AT_ONCE = 10;
const POSITIONS_A_PAGE = 200;

/** Calls back once, when all that was asked has been answered, never from inside of this call. Nothing to ask is no modes. */
export function readModes({ read, instruments, round }: ModesAsked, heard: (modes: readonly HeldMode[]) => void): void {
	const derivatives = instruments.filter(({ category }) => category !== 'spot');
	const first = (round * ASKED_AT_ONCE) % Math.max(1, derivatives.length);
	const inTurn = [...derivatives.slice(first), ...derivatives.slice(0, first)].slice(0, ASKED_AT_ONCE);
	const found = new Map<InstrumentIndex, Pick<HeldMode, 'isHedged' | 'leverage'>>();
	let margin: string | undefined;
	let waiting = inTurn.length + 1;
	const done = (): void => {
		waiting -= 1;
		if (waiting > 0) return;
		heard(
			derivatives.map((instrument) => {
				const { isHedged, leverage } = found.get(instrument.index) ?? {};
				return { instrument, isHedged, margin, leverage };
			}),
		);
	};
	read('/v5/account/info', {}, (answer) => {
		if (answer.kind === 'ok' && isObject(answer.result)) margin = marginOf(answer.result['marginMode']);
		done();
	});
	for (const { category, symbol, index } of inTurn) {
		readPages(read, { path: '/v5/position/list', params: { category, symbol }, limit: POSITIONS_A_PAGE }, (pages) => {
			const rows = pages.kind === 'complete' ? pages.rows.filter(isObject).filter((row) => row['symbol'] === symbol) : [];
			found.set(index, { isHedged: isHedgedBy(rows), leverage: leverageOf(rows) });
			done();
		});
	}
}

function marginOf(word: unknown): string | undefined {
	return typeof word === 'string' && word !== '' ? venueText(word).toLowerCase().replaceAll('_', ' ') : undefined;
}

/** A position of one side of a hedge bears a number of its own; flat ones are listed too, where a symbol is asked about. */
function isHedgedBy(rows: readonly JsonObject[]): boolean | undefined {
	const numbers = rows.map((row) => row['positionIdx']);
	if (numbers.length === 0 || numbers.some((each) => typeof each !== 'number')) return undefined;
	return numbers.some((each) => each !== 0);
}

/** The least of both sides; with portfolio margin there is none. */
function leverageOf(rows: readonly JsonObject[]): number | undefined {
	const leverages = rows.map((row) => Number(row['leverage']));
	return leverages.length > 0 && leverages.every((each) => each > 0) ? Math.min(...leverages) : undefined;
}
