/**
 * A book that a client builds from the stream is the exchange's own at every update: ten thousand messages at each of the
 * four depths, level by level. And the check itself is checked: one message lost, one level left out or one size wrong is
 * found.
 */
import { expect, test } from 'vitest';
import { createBybitFacade } from '../../src/exchange/bybit/facade.ts';
import { BYBIT_OPTIONS, BybitVenue } from '../../src/exchange/bybit/venue.ts';
import type { Exchange } from '../../src/exchange/core/exchange.ts';
import { type Connection, FACADE_TICK_MS, type Facade } from '../../src/exchange/facade.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { CROWD_SYMBOL, DeepCrowd } from './deep-crowd.ts';
import { FuzzedSocket, START_MS } from './fuzzed-box.ts';

const SEED = 11;
const DEPTHS = [1, 50, 200, 1000] as const;
const MESSAGES = 10_000;
const PING_STEPS = 1_000;
const STEPS_MAX = 100_000;
/** So that something happens between any two messages of a topic, and the longest intervals do not take all day. */
const TICKS_PER_STEP: Readonly<Record<number, number>> = { 1: 1, 50: 2, 200: 10, 1000: 20 };

type Level = readonly [price: string, size: string];

interface Frame {
	readonly topic: string;
	readonly type: 'snapshot' | 'delta';
	readonly data: { readonly u: number; readonly b: readonly Level[]; readonly a: readonly Level[] };
}

/** What went wrong between a client's book and the exchange's, and how many levels were compared. */
class Follower {
	readonly problems: string[] = [];
	messageCount = 0;
	deltaCount = 0;
	levelCount = 0;
	deepest = 0;
	/** How often the last level of a side was another one than before. */
	crossings = 0;
	#last = '';
	readonly #depth: number;
	readonly #truth: () => { readonly bids: readonly Level[]; readonly asks: readonly Level[] };
	readonly #bids = new Map<string, string>();
	readonly #asks = new Map<string, string>();
	#u: number | null = null;

	constructor(depth: number, truth: () => { readonly bids: readonly Level[]; readonly asks: readonly Level[] }) {
		this.#depth = depth;
		this.#truth = truth;
	}

	apply({ topic, type, data }: Frame): void {
		this.messageCount += 1;
		if (type === 'snapshot') {
			this.#bids.clear();
			this.#asks.clear();
		} else {
			this.deltaCount += 1;
			if (data.u !== (this.#u ?? Number.NaN) + 1) this.#complain(`${topic}: u ${data.u} follows ${this.#u}`);
			if (data.b.length + data.a.length === 0) this.#complain(`${topic}: u ${data.u} says nothing`);
		}
		this.#u = data.u;
		merge(this.#bids, data.b);
		merge(this.#asks, data.a);
		const { bids, asks } = this.#truth();
		const last = `${bids.at(-1)?.[0]} ${asks.at(-1)?.[0]}`;
		if (last !== this.#last) this.crossings += 1;
		this.#last = last;
		this.deepest = Math.max(this.deepest, bids.length, asks.length);
		if (bids.length > this.#depth || asks.length > this.#depth) this.#complain(`${topic}: the truth is deeper than the topic`);
		this.#compare(`${topic}, u ${data.u}, bids`, this.#bids, bids);
		this.#compare(`${topic}, u ${data.u}, asks`, this.#asks, asks);
	}

	#compare(where: string, found: ReadonlyMap<string, string>, truth: readonly Level[]): void {
		this.levelCount += truth.length;
		if (found.size !== truth.length) this.#complain(`${where}: ${found.size} levels, expected ${truth.length}`);
		for (const [price, size] of truth) {
			if (found.get(price) !== size) this.#complain(`${where}: ${found.get(price) ?? 'nothing'} at ${price}, expected ${size}`);
		}
	}

	#complain(problem: string): void {
		if (this.problems.length < 5) this.problems.push(problem);
	}
}

/** Hands each frame on, or what became of it; null for one that is lost. */
type Line = (frame: Frame, count: number) => Frame | null;

const faithful: Line = (frame) => frame;

test.each(DEPTHS)(
	`at every update of depth %i for ${MESSAGES} messages, seed ${SEED}`,
	(depth) => {
		const follower = follow(depth, MESSAGES, faithful);
		expect(follower.problems).toEqual([]);
		expect(follower.messageCount).toBeGreaterThanOrEqual(MESSAGES);
		// The best prices come as snapshots.
		expect(follower.deltaCount).toBe(depth === 1 ? 0 : follower.messageCount - 1);
		expect(follower.crossings, 'levels that came or went at the end of the topic').toBeGreaterThan(1_000);
		expect(follower.deepest).toBe(depth);
		process.stdout.write(
			`depth ${depth}: ${follower.messageCount} messages, ${follower.levelCount} levels compared, ${follower.crossings} crossed the end\n`,
		);
	},
	120_000,
);

test.each<[string, Line]>([
	['a message lost', (frame, count) => (count === 150 ? null : frame)],
	['a level left out', (frame, count) => (count < 150 ? frame : withBids(frame, frame.data.b.slice(1)))],
	['a size wrong by its last digit', (frame, count) => (count < 150 ? frame : withBids(frame, frame.data.b.map(nudged)))],
	[
		'a level that should be gone',
		(frame, count) =>
			count < 150
				? frame
				: withBids(
						frame,
						frame.data.b.filter(([, size]) => size !== '0'),
					),
	],
	[
		'a side swapped',
		(frame, count) => (count === 150 ? { ...frame, data: { ...frame.data, b: frame.data.a, a: frame.data.b } } : frame),
	],
])('the check finds %s', (_name, line) => {
	for (const depth of [50, 200]) expect(follow(depth, 300, line).problems, `depth ${depth}`).not.toEqual([]);
});

function follow(depth: number, messages: number, line: Line): Follower {
	let nowMs = START_MS;
	const crowd = new DeepCrowd(seededRng(SEED), nowMs);
	const { exchange } = crowd;
	const symbols = [{ category: 'linear', symbol: CROWD_SYMBOL, exchangeKey: CROWD_SYMBOL }] as const;
	const facade = createBybitFacade(new BybitVenue({ exchange, symbols, options: BYBIT_OPTIONS }));
	const follower = new Follower(depth, () => truth(exchange, CROWD_SYMBOL, depth));
	const connection = listen(facade, `orderbook.${depth}.${CROWD_SYMBOL}`, nowMs, line, follower);
	for (let step = 0; follower.messageCount < messages; step += 1) {
		if (step > STEPS_MAX) throw new Error(`only ${follower.messageCount} messages after ${step} steps`);
		// Who says nothing for ten minutes is closed.
		if (step % PING_STEPS === 0) connection.receive('{"op":"ping"}', nowMs);
		crowd.step(nowMs);
		for (let ticks = TICKS_PER_STEP[depth] ?? 1; ticks > 0; ticks -= 1) {
			nowMs += FACADE_TICK_MS;
			facade.tick(nowMs);
		}
	}
	return follower;
}

function listen(facade: Facade, topic: string, nowMs: number, line: Line, follower: Follower): Connection {
	const socket = new FuzzedSocket((text) => {
		if (!text.startsWith('{"topic"')) return;
		const frame = line(JSON.parse(text) as Frame, follower.messageCount);
		if (frame === null) follower.messageCount += 1;
		else follower.apply(frame);
	});
	const connected = facade.connect({ path: '/v5/public/linear', query: '', remote: '127.0.0.1' }, socket, nowMs);
	if (connected.kind === 'refused') throw new Error(connected.reason);
	connected.connection.receive(JSON.stringify({ op: 'subscribe', args: [topic] }), nowMs);
	return connected.connection;
}

function truth(
	exchange: Exchange,
	symbol: string,
	depth: number,
): { readonly bids: readonly Level[]; readonly asks: readonly Level[] } {
	const listing = exchange.listing(symbol);
	const book = exchange.book(symbol, depth);
	if (listing === undefined || book === undefined) throw new Error(`${symbol} is not listed`);
	const level = ({ priceTicks, qtyLots }: { readonly priceTicks: number; readonly qtyLots: number }): Level => [
		listing.price.format(priceTicks),
		listing.qty.format(qtyLots),
	];
	return { bids: book.bids.map(level), asks: book.asks.map(level) };
}

function merge(side: Map<string, string>, levels: readonly Level[]): void {
	for (const [price, size] of levels) {
		if (size === '0') side.delete(price);
		else side.set(price, size);
	}
}

function withBids(frame: Frame, b: readonly Level[]): Frame {
	return { ...frame, data: { ...frame.data, b } };
}

function nudged([price, size]: Level): Level {
	return [price, size === '0' ? size : size.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))];
}
