/**
 * What the private topics say: turns the events of an account into frames for the sockets that are logged in to it.
 * Every event is a frame of its own and goes out at once, but for what a batch does to orders: those of one account and
 * category that follow each other share a frame, and the positions behind them another. Accounts that nobody listens to
 * cost a look-up.
 */
import type { ExchangeEvent } from '../core/events.ts';
import type { Execution, OrderView, PositionView } from '../core/views.ts';
import type { Peer } from '../facade.ts';
import type { Json } from './json-views.ts';
import type { BybitCategory, BybitSymbol, BybitVenue } from './venue.ts';
import { walletObject } from './wallet-view.ts';
import { executionRow, fastExecutionRow, orderRow, positionRow } from './ws-views.ts';

const CATEGORIES = ['spot', 'linear', 'inverse', 'option'];
const CATEGORISED = ['order', 'execution', 'execution.fast', 'position'];

export const PRIVATE_TOPICS: ReadonlySet<string> = new Set([
	...CATEGORISED,
	...CATEGORISED.flatMap((topic) => CATEGORIES.map((category) => `${topic}.${category}`)).filter(
		(topic) => topic !== 'position.spot',
	),
	'wallet',
	'dcp.future',
	'dcp.spot',
	'dcp.option',
]);

/** The form of a topic for all categories, which may be itself. */
export function plainTopic(topic: string): string {
	const last = topic.slice(topic.lastIndexOf('.') + 1);
	return CATEGORIES.includes(last) && !topic.startsWith('dcp.') ? topic.slice(0, -last.length - 1) : topic;
}

/** A logged-in socket and what it listens to. */
export interface AccountListener {
	readonly peer: Peer;
	readonly topics: ReadonlySet<string>;
}

export class AccountTopics {
	readonly #venue: BybitVenue;
	readonly #listeners = new Map<string, Set<AccountListener>>();
	/** The order whose fill was just told: its next state comes from that fill. */
	#filledOrderId = '';
	#isInBatch = false;
	#gathered: Gathered | null = null;

	constructor(venue: BybitVenue) {
		this.#venue = venue;
	}

	join(accountId: string, listener: AccountListener): void {
		const listeners = this.#listeners.get(accountId);
		if (listeners === undefined) this.#listeners.set(accountId, new Set([listener]));
		else listeners.add(listener);
	}

	leave(accountId: string, listener: AccountListener): void {
		const listeners = this.#listeners.get(accountId);
		listeners?.delete(listener);
		if (listeners?.size === 0) this.#listeners.delete(accountId);
	}

	begin(): void {
		this.#isInBatch = true;
	}

	end(): void {
		this.#isInBatch = false;
		this.#tellGathered();
	}

	apply(event: ExchangeEvent): void {
		// What is told of one order stays in its order: nothing overtakes what was gathered.
		if (event.kind === 'execution' || event.kind === 'position' || event.kind === 'balance') this.#tellGathered();
		switch (event.kind) {
			case 'order':
				this.#order(event.order, event);
				return;
			case 'execution':
				this.#execution(event.execution, event);
				return;
			case 'position':
				this.#position(event.position, event);
				return;
			case 'balance': {
				const { accountId, coin } = event.balance;
				const rows = (): Json[] => [walletObject(this.#venue, accountId, new Set([coin]))];
				this.#send(accountId, { topic: 'wallet', name: 'wallet', event, rows });
				return;
			}
			case 'book-level':
			case 'trade':
			case 'ticker':
				return;
		}
	}

	#order(order: OrderView, event: ExchangeEvent): void {
		const byFill = order.orderId === this.#filledOrderId;
		this.#filledOrderId = '';
		const shown = this.#venue.shown(order.symbol);
		if (shown === undefined || !this.#listeners.has(order.accountId)) return;
		if (this.#gathered?.accountId !== order.accountId || this.#gathered.category !== shown.category) this.#tellGathered();
		this.#gathered ??= { accountId: order.accountId, category: shown.category, orders: [], positions: new Map() };
		this.#gathered.orders.push({ order, shown, event });
		// The venue shows the position at every create, amend and cancel too; after a fill its own event follows.
		if (!byFill && shown.category !== 'spot') this.#gathered.positions.set(order.symbol, event);
		if (!this.#isInBatch) this.#tellGathered();
	}

	#tellGathered(): void {
		if (this.#gathered === null) return;
		const { accountId, orders, positions } = this.#gathered;
		this.#gathered = null;
		const [first] = orders;
		if (first === undefined) return;
		const rows = (): Json[] => orders.map(({ order, shown }) => orderRow(this.#venue, shown, order));
		this.#send(accountId, { topic: 'order', shown: first.shown, event: first.event, rows });
		if (positions.size > 0) this.#positionsBehind(accountId, positions);
	}

	#positionsBehind(accountId: string, positions: ReadonlyMap<string, ExchangeEvent>): void {
		const held = this.#venue.exchange.positions(accountId).filter(({ symbol }) => positions.has(symbol));
		const rowsOf = held.flatMap((position) => {
			const shown = this.#venue.shown(position.symbol);
			return shown === undefined ? [] : [{ position, shown }];
		});
		const [first] = rowsOf;
		const event = positions.get(first?.position.symbol ?? '');
		if (first === undefined || event === undefined) return;
		const rows = (): Json[] => rowsOf.map(({ position, shown }) => positionRow(this.#venue, shown, position));
		this.#send(accountId, { topic: 'position', shown: first.shown, event, rows });
	}

	#execution(execution: Execution, event: ExchangeEvent): void {
		const { accountId, symbol } = execution;
		if (execution.kind === 'trade') this.#filledOrderId = execution.orderId;
		const shown = this.#venue.shown(symbol);
		if (shown === undefined || !this.#listeners.has(accountId)) return;
		if (execution.kind === 'trade') {
			const rows = (): Json[] => [fastExecutionRow(this.#venue, shown, execution)];
			this.#send(accountId, { topic: 'execution.fast', shown, event, rows });
		}
		this.#send(accountId, { topic: 'execution', shown, event, rows: () => [executionRow(this.#venue, shown, execution)] });
	}

	#position(position: PositionView, event: ExchangeEvent): void {
		const { accountId, symbol } = position;
		const shown = this.#venue.shown(symbol);
		if (shown === undefined || !this.#listeners.has(accountId)) return;
		const rows = (): Json[] => [positionRow(this.#venue, shown, position)];
		this.#send(accountId, { topic: 'position', shown, event, rows });
	}

	/** Each listener gets the frame under every name it asked for; rows are made only if one did. */
	#send(accountId: string, message: Message): void {
		const { topic, shown, event } = message;
		const names = shown === undefined ? [topic] : [topic, `${topic}.${shown.category}`];
		const texts = new Map<string, string>();
		let rows: readonly Json[] | null = null;
		for (const { peer, topics } of this.#listeners.get(accountId) ?? []) {
			for (const name of names) {
				if (!topics.has(name)) continue;
				rows ??= message.rows();
				const text = texts.get(name) ?? frameText(name, rows, shown?.symbol ?? message.name ?? topic, event);
				texts.set(name, text);
				peer.send(text);
			}
		}
	}
}

interface Message {
	readonly topic: string;
	readonly shown?: BybitSymbol;
	/** Stands in the frame's id where there is no symbol. */
	readonly name?: string;
	readonly event: ExchangeEvent;
	readonly rows: () => readonly Json[];
}

/** What happened to orders and has not been told yet. */
interface Gathered {
	readonly accountId: string;
	readonly category: BybitCategory;
	readonly orders: { readonly order: OrderView; readonly shown: BybitSymbol; readonly event: ExchangeEvent }[];
	/** By symbol: the last event that has the position shown. */
	readonly positions: Map<string, ExchangeEvent>;
}

function frameText(topic: string, rows: readonly Json[], name: string, event: ExchangeEvent): string {
	return JSON.stringify({ id: `${event.seq}_${name}_${topic}`, topic, creationTime: event.atMs, data: rows });
}
