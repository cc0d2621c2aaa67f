/**
 * What the private topics say: turns the events of an account into frames for the sockets that are logged in to it.
 * Every event is a frame of its own and goes out at once. Accounts that nobody listens to cost a look-up.
 */
import type { ExchangeEvent } from '../core/events.ts';
import type { Execution, OrderView, PositionView } from '../core/views.ts';
import type { Peer } from '../facade.ts';
import type { Json } from './json-views.ts';
import type { BybitSymbol, BybitVenue } from './venue.ts';
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

	apply(event: ExchangeEvent): void {
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
				const row = (): Json => walletObject(this.#venue, accountId, new Set([coin]));
				this.#send(accountId, { topic: 'wallet', name: 'wallet', event, row });
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
		this.#send(order.accountId, { topic: 'order', shown, event, row: () => orderRow(this.#venue, shown, order) });
		// The venue shows the position at every create, amend and cancel too; after a fill its own event follows.
		if (byFill || shown.category === 'spot') return;
		const position = this.#venue.exchange.positions(order.accountId).find(({ symbol }) => symbol === order.symbol);
		if (position !== undefined) this.#position(position, event);
	}

	#execution(execution: Execution, event: ExchangeEvent): void {
		const { accountId, symbol } = execution;
		if (execution.kind === 'trade') this.#filledOrderId = execution.orderId;
		const shown = this.#venue.shown(symbol);
		if (shown === undefined || !this.#listeners.has(accountId)) return;
		if (execution.kind === 'trade') {
			const row = (): Json => fastExecutionRow(this.#venue, shown, execution);
			this.#send(accountId, { topic: 'execution.fast', shown, event, row });
		}
		this.#send(accountId, { topic: 'execution', shown, event, row: () => executionRow(this.#venue, shown, execution) });
	}

	#position(position: PositionView, event: ExchangeEvent): void {
		const { accountId, symbol } = position;
		const shown = this.#venue.shown(symbol);
		if (shown === undefined || !this.#listeners.has(accountId)) return;
		const row = (): Json => positionRow(this.#venue, shown, position);
		this.#send(accountId, { topic: 'position', shown, event, row });
	}

	/** Each listener gets the frame under every name it asked for; the row is made only if one did. */
	#send(accountId: string, message: Message): void {
		const { topic, shown, event } = message;
		const names = shown === undefined ? [topic] : [topic, `${topic}.${shown.category}`];
		const texts = new Map<string, string>();
		let row: Json | null = null;
		for (const { peer, topics } of this.#listeners.get(accountId) ?? []) {
			for (const name of names) {
				if (!topics.has(name)) continue;
				row ??= message.row();
				const text = texts.get(name) ?? frameText(name, row, shown?.symbol ?? message.name ?? topic, event);
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
	readonly row: () => Json;
}

function frameText(topic: string, row: Json, name: string, event: ExchangeEvent): string {
	return JSON.stringify({ id: `${event.seq}_${name}_${topic}`, topic, creationTime: event.atMs, data: [row] });
}
