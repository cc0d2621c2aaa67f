/**
 * A book as a client keeps it from Binance's differences, by the rules of each market, with every state it went through, to
 * hold against what REST says. Numbers as they come: clients hand them over as text, some as numbers.
 */
import { eventually } from './wait.ts';

type Figure = string | number;
type Level = readonly Figure[];

export interface DiffEvent {
	readonly U?: number | bigint;
	readonly u?: number | bigint;
	/** Futures only: the `u` of the event before. */
	readonly pu?: number | bigint;
	readonly b?: readonly Level[];
	readonly a?: readonly Level[];
}

export interface DepthAnswer {
	readonly lastUpdateId?: number | bigint;
	readonly bids?: readonly Level[];
	readonly asks?: readonly Level[];
}

/** Plenty for a test of seconds. */
const STATES_KEPT = 1_000;
/** What REST is asked for: the whole book is dear, so only the start is made of it. */
const WHOLE_BOOK = 1_000;
const SHOWN_LEVELS = 100;
type Levels = typeof WHOLE_BOOK | typeof SHOWN_LEVELS;

export class DiffBook {
	readonly #market: 'spot' | 'futures';
	readonly #bids = new Map<number, number>();
	readonly #asks = new Map<number, number>();
	readonly #states = new Map<number, string>();
	readonly #gaps: string[] = [];
	#waiting: DiffEvent[] = [];
	/** The update id of the book once there is a snapshot. */
	#id: number | undefined;
	#isFirst = true;

	constructor(market: 'spot' | 'futures') {
		this.#market = market;
	}

	push(event: DiffEvent): void {
		if (this.#id === undefined) this.#waiting.push(event);
		else this.#apply(event);
	}

	get hasEvents(): boolean {
		return this.#waiting.length > 0;
	}

	get id(): number {
		return this.#id ?? 0;
	}

	/** Events that did not follow the one before them. */
	get gaps(): readonly string[] {
		return this.#gaps;
	}

	/** As it stood at an update id, if it ever stood there. */
	at(id: number): string | undefined {
		return this.#states.get(id);
	}

	/** False: the snapshot is older than the events, one has to fetch another. */
	start(snapshot: DepthAnswer): boolean {
		const id = Number(snapshot.lastUpdateId);
		if (id < Number(this.#waiting[0]?.U)) return false;
		put(this.#bids, snapshot.bids);
		put(this.#asks, snapshot.asks);
		this.#id = id;
		this.#keep();
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const event of waiting) this.#apply(event);
		return true;
	}

	#apply(event: DiffEvent): void {
		const [first, last, before] = [Number(event.U), Number(event.u), Number(event.pu)];
		const id = this.id;
		const isOld = this.#market === 'spot' ? last <= id : last < id;
		if (this.#isFirst && isOld) return;
		const follows =
			this.#market === 'spot'
				? first <= id + 1 && (this.#isFirst || first === id + 1)
				: this.#isFirst
					? first <= id && id <= last
					: before === id;
		if (!follows) this.#gaps.push(`U ${first}, u ${last}, pu ${before} after ${id}${this.#isFirst ? ' of the snapshot' : ''}`);
		this.#isFirst = false;
		put(this.#bids, event.b);
		put(this.#asks, event.a);
		this.#id = last;
		this.#keep();
	}

	#keep(): void {
		this.#states.set(this.id, sidesText([...this.#bids], [...this.#asks]));
		if (this.#states.size > STATES_KEPT) this.#states.delete(this.#states.keys().next().value ?? 0);
	}
}

/** Keeps the book from its first snapshot until it stood three times where REST says it stands. */
export async function followBook(book: DiffBook, depth: (levels: Levels) => Promise<DepthAnswer>): Promise<void> {
	await eventually('the first difference', () => (book.hasEvents ? true : undefined));
	await eventually('a snapshot that is new enough', async () => (book.start(await depth(WHOLE_BOOK)) ? true : undefined));
	const startedAt = book.id;
	const agreed = new Set<number>();
	await eventually(
		'three moments at which both spoke',
		async () => {
			const shown = await depth(SHOWN_LEVELS);
			const id = Number(shown.lastUpdateId);
			await eventually('the stream to get there', () => (book.id >= id ? true : undefined));
			const kept = book.at(id);
			if (kept === undefined || id === startedAt) return undefined;
			const said = sidesText(numbers(shown.bids), numbers(shown.asks));
			if (kept !== said) throw new Error(`at ${id} the stream says ${kept}, REST says ${said}`);
			agreed.add(id);
			return agreed.size === 3 ? true : undefined;
		},
		{ withinMs: 45_000 },
	);
	if (book.gaps.length > 0) throw new Error(`gaps: ${book.gaps.join('; ')}`);
}

function sidesText(bids: (readonly [number, number])[], asks: (readonly [number, number])[]): string {
	bids.sort(([left], [right]) => right - left);
	asks.sort(([left], [right]) => left - right);
	return JSON.stringify([bids.slice(0, SHOWN_LEVELS), asks.slice(0, SHOWN_LEVELS)]);
}

function numbers(levels: readonly Level[] = []): [number, number][] {
	return levels.map(([price, qty]) => [Number(price), Number(qty)]);
}

function put(side: Map<number, number>, levels: readonly Level[] = []): void {
	for (const [price, qty] of numbers(levels)) {
		if (qty === 0) side.delete(price);
		else side.set(price, qty);
	}
}
