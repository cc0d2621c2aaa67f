/**
 * Orders of a client alone, without an engine behind it. Each is sent once; where nobody says what became of it, the venue
 * is asked by its id until it knows, or until it could not have landed any more. What is still open then is `unknown`, and
 * never sent again by anybody here.
 */
import type { Verb } from '../../domain/command.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { mapConcurrent } from '../../network/map-concurrent.ts';
import type { Clock } from '../../ports/clock.ts';
import { CANCEL_PATIENCE } from '../wire/patience.ts';
import { isObject } from '../wire/plain-values.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import { judgeBatch, judgeSingle } from './batch-answers.ts';
import type { ClientOrder, ModifyWish, OrderResult, OrderWish } from './client-types.ts';
import { modifyParams, type OrderRow, orderParams, readOrder, symbolText } from './client-words.ts';
import type { Market } from './codec/frames.ts';
import type { BinanceReads, OrderName } from './reads.ts';
import { type BinanceRest, ORDER_POOL, type RestAnswer, type RestCall } from './rest.ts';

export interface ClientOrdersParts {
	readonly rest: BinanceRest;
	/** Best with little patience: somebody waits. */
	readonly reads: Pick<BinanceReads, 'orderRow'>;
	readonly clock: Clock;
	readonly venueClock: Pick<VenueClock, 'venueNowMs'>;
	/** An id that was never used. */
	readonly newId: (wish: OrderWish) => string;
}

const PATHS: Record<Market, string> = { spot: '/api/v3/order', linear: '/fapi/v1/order' };
const BATCH_PATH = '/fapi/v1/batchOrders';
const BATCH_MAX: Record<Market, number> = { spot: 1, linear: 5 };
const BATCH_WEIGHT = 5;
/** Under way at once; the venue counts their orders all the same. */
const CALLS_AT_ONCE = 5;
const ORDER_TIMEOUT_MS = 5_000;

const LOOK_EVERY_MS = 500;
/** The venue's reads may lag behind its matching by so much. */
const LOOK_MARGIN_MS = 1_000;
const LOOKS_MAX = 20;
/** An order that is so much older than its call is another one with the same id. */
const CLOCK_ERROR_MS = 1_000;
const NO_SUCH_ORDER: ReadonlySet<number | undefined> = new Set([-2013, -2026]);

type Named = OrderWish & { readonly clientOrderId: string };

/** What an answer says. `open`: nothing that could be relied on. */
type Told = OrderResult | { readonly kind: 'open'; readonly reason: string; readonly mayLandUntilMs: number };

interface Sought {
	readonly symbol: string;
	readonly name: OrderName;
	/** Whether what is found shows that it was done. */
	readonly isDone: (row: OrderRow) => boolean;
	/** Said where it could not land any more, and has not. */
	readonly absence: string;
}

export class ClientOrders {
	readonly #parts: ClientOrdersParts;

	constructor(parts: ClientOrdersParts) {
		this.#parts = parts;
	}

	async place(wish: OrderWish): Promise<OrderResult> {
		return await this.#placeNamed(this.#named(wish));
	}

	/** In as few calls as the market takes, several at once; one result each, in the order of the wishes. */
	async placeAll(wishes: readonly OrderWish[]): Promise<readonly OrderResult[]> {
		const named = wishes.map((wish) => this.#named(wish));
		// A mistake in one of them is found before any has left.
		for (const each of named) orderParams(this.#market, each);
		const size = BATCH_MAX[this.#market];
		const groups = Array.from({ length: Math.ceil(named.length / size) }, (_, at) => named.slice(at * size, (at + 1) * size));
		const done = await mapConcurrent(groups, async (group) => ({ kind: 'ok', value: await this.#placeGroup(group) }), {
			concurrency: CALLS_AT_ONCE,
			settle: false,
		});
		if (done.kind !== 'ok') throw new Error('invariant broken: an order that failed is a value');
		return done.value.flat();
	}

	/** Futures alone change an order that stands. */
	async modify(wish: ModifyWish, name: OrderName): Promise<OrderResult> {
		const answer = await this.#ask('PUT', PATHS.linear, { ...modifyParams(wish), ...nameParams(name) });
		const isDone = ({ order }: OrderRow): boolean => isSame(order.price, wish.price) && isSame(order.qty, wish.qty);
		const { symbol } = wish;
		return await this.#settle(this.#judge('amend', answer, name), { symbol, name, isDone, absence: 'the change never arrived' });
	}

	/** Repeated until somebody answers: a cancel can be said twice. */
	async cancel(symbol: string, name: OrderName): Promise<OrderResult> {
		const params = { symbol: symbolText(symbol), ...nameParams(name) };
		const answer = await this.#ask('DELETE', PATHS[this.#market], params, { patience: CANCEL_PATIENCE });
		const isDone = ({ order: { status } }: OrderRow): boolean => status !== 'open' && status !== 'partlyFilled';
		return await this.#settle(this.#judge('cancel', answer, name), { symbol, name, isDone, absence: 'the cancel never arrived' });
	}

	get #market(): Market {
		return this.#parts.rest.market;
	}

	#named(wish: OrderWish): Named {
		return { ...wish, clientOrderId: wish.clientOrderId ?? this.#parts.newId(wish) };
	}

	async #placeNamed(named: Named): Promise<OrderResult> {
		const sentAtMs = this.#parts.venueClock.venueNowMs();
		const answer = await this.#ask('POST', PATHS[this.#market], orderParams(this.#market, named));
		const [outcome] = judgeSingle(answer, this.#asked('place', [named.clientOrderId])).outcomes;
		const row = answer.kind === 'ok' ? answer.result : undefined;
		return await this.#settle(this.#told(outcome, row, named.clientOrderId), placed(named, sentAtMs));
	}

	async #placeGroup(group: readonly Named[]): Promise<readonly OrderResult[]> {
		const [only] = group;
		if (only !== undefined && group.length === 1) return [await this.#placeNamed(only)];
		const sentAtMs = this.#parts.venueClock.venueNowMs();
		const batchOrders = JSON.stringify(group.map((each) => orderParams(this.#market, each)));
		const answer = await this.#ask('POST', BATCH_PATH, { batchOrders }, { weight: BATCH_WEIGHT });
		const ids = group.map(({ clientOrderId }) => clientOrderId);
		const { outcomes } = judgeBatch(answer, this.#asked('place', ids));
		const rows = answer.kind === 'ok' ? rowsById(answer.result) : NO_ROWS;
		return await Promise.all(
			group.map((named, at) => {
				const id = named.clientOrderId;
				return this.#settle(this.#told(outcomes[at], rows.get(id), id), placed(named, sentAtMs));
			}),
		);
	}

	async #ask(
		method: RestCall['method'],
		path: string,
		params: Readonly<Record<string, string>>,
		more: Partial<Pick<RestCall, 'weight' | 'patience'>> = {},
	): Promise<RestAnswer> {
		const basics = { security: 'signed', kind: 'order', weight: 1, pool: ORDER_POOL, timeoutMs: ORDER_TIMEOUT_MS } as const;
		return await this.#parts.rest.askAsync({ method, path, params, ...basics, ...more });
	}

	/** By any name; the answer shows which order it is about. */
	#judge(verb: 'amend' | 'cancel', answer: RestAnswer, name: OrderName): Told {
		if (answer.kind !== 'ok') {
			const [outcome] = judgeSingle(answer, this.#asked(verb, [idOf(name)])).outcomes;
			return this.#told(outcome, undefined, idOf(name));
		}
		const read = readOrder(answer.result);
		const isIt = read !== undefined && isNamed(read.order, name);
		return isIt ? { kind: 'done', order: read.order } : this.#open('the answer is about another order');
	}

	#told(outcome: Outcome | undefined, row: unknown, id: string): Told {
		switch (outcome?.kind) {
			case 'accepted': {
				const read = readOrder(row);
				return read === undefined ? this.#open('the answer is no order') : { kind: 'done', order: read.order };
			}
			case 'rejected':
				return { kind: 'refused', id, class: outcome.class, reason: outcome.reason };
			case 'unknown':
				return { ...this.#open(outcome.reason), mayLandUntilMs: outcome.mayLandUntilMs ?? this.#fence() };
			case undefined:
				return this.#open('the answer does not mention it');
		}
	}

	#asked(kind: Verb, ids: readonly string[]) {
		const commands = ids.map((orderId) => ({ kind, orderId }));
		return { market: this.#market, commands, mayLandUntilMs: this.#fence() };
	}

	#open(reason: string): Extract<Told, { kind: 'open' }> {
		return { kind: 'open', reason, mayLandUntilMs: this.#fence() };
	}

	/** Until when the venue would take what was sent by now. */
	#fence(): number {
		const { venueClock, rest } = this.#parts;
		return venueClock.venueNowMs() + rest.recvWindowMs;
	}

	async #settle(told: Told, sought: Sought): Promise<OrderResult> {
		if (told.kind !== 'open') return told;
		const { reads, venueClock } = this.#parts;
		const id = idOf(sought.name);
		for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
			if (looks > 0) await this.#pause();
			const askedAtMs = venueClock.venueNowMs();
			const read = await reads.orderRow(sought.symbol, sought.name);
			const row = read.kind === 'ok' ? readOrder(read.value) : undefined;
			if (row !== undefined && sought.isDone(row)) return { kind: 'done', order: row.order };
			const isAbsent = row !== undefined || (read.kind === 'failed' && NO_SUCH_ORDER.has(read.code));
			// What lands, lands before the fence; what landed is seen soon after.
			if (isAbsent && askedAtMs > told.mayLandUntilMs + LOOK_MARGIN_MS) {
				return { kind: 'refused', id, class: 'transient', reason: `${sought.absence} (${told.reason})` };
			}
		}
		return { kind: 'unknown', id, reason: told.reason };
	}

	async #pause(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.#parts.clock.after(LOOK_EVERY_MS, resolve);
		});
	}
}

/** Client ids are unique among open orders only: an older order may have had this one. */
function placed({ symbol, clientOrderId }: Named, sentAtMs: number): Sought {
	return {
		symbol,
		name: { clientOrderId },
		isDone: ({ bornAtMs }) => bornAtMs !== undefined && bornAtMs >= sentAtMs - CLOCK_ERROR_MS,
		absence: 'it never arrived',
	};
}

const NO_ROWS: ReadonlyMap<unknown, unknown> = new Map();

function rowsById(result: unknown): ReadonlyMap<unknown, unknown> {
	const items: readonly unknown[] = Array.isArray(result) ? result : [];
	return new Map(items.flatMap((item) => (isObject(item) ? [[item['clientOrderId'], item] as const] : [])));
}

function isNamed({ orderId, clientOrderId }: ClientOrder, name: OrderName): boolean {
	return 'venueOrderId' in name ? orderId === name.venueOrderId : clientOrderId === name.clientOrderId;
}

function nameParams(name: OrderName): Readonly<Record<string, string>> {
	return 'venueOrderId' in name ? { orderId: name.venueOrderId } : { origClientOrderId: name.clientOrderId };
}

function idOf(name: OrderName): string {
	return 'venueOrderId' in name ? name.venueOrderId : name.clientOrderId;
}

function isSame(text: ClientOrder['price'], amount: string | number): boolean {
	return Number(text) === Number(amount);
}
