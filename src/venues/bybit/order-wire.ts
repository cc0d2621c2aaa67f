/**
 * HOT: commands as the JSON that goes to the venue, by joining text. A batch of 20 is built with every flush, and nearly
 * all of its characters are ours: names, decimal digits, ids. What could carry a quotation mark is checked in one place
 * each, so nothing needs escaping. The same body serves REST and the trade socket.
 * Budget: bench/venues/bybit/calls. Prices and quantities are whole ticks and lots printed exactly (I13).
 */
import { assert } from '../../domain/assert.ts';
import type { Command, PlaceCommand, Verb } from '../../domain/command.ts';
import { type Category, type Instrument, printPrice, printQty } from '../../domain/instrument.ts';
import type { TimeInForce } from '../../domain/order.ts';
import type { CallForm } from '../wire/order-routes.ts';

export type OrderOp = `order.${'create' | 'amend' | 'cancel'}${'' | '-batch'}`;

export interface OrderEndpoint {
	/** On the trade socket. */
	readonly op: OrderOp;
	/** Over REST. */
	readonly path: string;
}

export const ENDPOINTS: Readonly<Record<Verb, Readonly<Record<CallForm, OrderEndpoint>>>> = {
	place: endpoints('create'),
	amend: endpoints('amend'),
	cancel: endpoints('cancel'),
};

const TIMES_IN_FORCE: Readonly<Record<TimeInForce, string>> = { gtc: 'GTC', postOnly: 'PostOnly', ioc: 'IOC', fok: 'FOK' };
const TIMES: readonly TimeInForce[] = ['gtc', 'postOnly', 'ioc', 'fok'];

const ORDER_LINK_ID = /^[A-Za-z0-9_-]{1,36}$/;
const SYMBOL = /^[A-Z0-9-]{1,40}$/;

/** What the items of one instrument begin with, up to the order id; only few beginnings are ever used. */
interface Heads {
	readonly plain: string;
	/** By `headIndexOf`. */
	readonly places: (string | undefined)[];
}
const headsByInstrument = new WeakMap<Instrument, Heads>();

/** Of exactly one. */
export function encodeSingle([command]: readonly Command[]): string {
	assert(command !== undefined, 'a single call carries one command');
	return `{"category":"${command.instrument.category}",${fieldsOf(command)}}`;
}

/** All of one category and verb. */
export function encodeBatch(category: Category, commands: readonly Command[]): string {
	let items = '';
	for (let i = 0; i < commands.length; i += 1) {
		const command = commands[i];
		if (command !== undefined) items += (i === 0 ? '{' : '},{') + fieldsOf(command);
	}
	return `{"category":"${category}","request":[${items}}]}`;
}

function fieldsOf(command: Command): string {
	const { instrument, orderId } = command;
	// Not by `assert`, whose message would be made for each order.
	if (!ORDER_LINK_ID.test(orderId))
		throw new Error(`invariant broken: an order id is 1 to 36 of A-Z a-z 0-9 _ -, found ${orderId}`);
	switch (command.kind) {
		case 'place': {
			const order = `${placeHead(command)}${orderId}","qty":"${printQty(instrument, command.qtyLots)}"`;
			return command.orderType === 'market' ? order : `${order},"price":"${printPrice(instrument, command.priceTicks)}"`;
		}
		case 'amend': {
			// Both, although one of them may be what it was: what the venue has now is known to it alone. When neither is
			// news it says so and does nothing.
			const { priceTicks, qtyLots } = command;
			const order = `${headsOf(instrument).plain}${orderId}","qty":"${printQty(instrument, qtyLots)}"`;
			return `${order},"price":"${printPrice(instrument, priceTicks)}"`;
		}
		case 'cancel':
			return `${headsOf(instrument).plain}${orderId}"`;
	}
}

function placeHead(command: PlaceCommand): string {
	const { plain, places } = headsOf(command.instrument);
	const index = headIndexOf(command);
	let head = places[index];
	if (head === undefined) {
		head = makePlaceHead(command, plain);
		places[index] = head;
	}
	return head;
}

/** One number for each combination of what a beginning says of an order. */
function headIndexOf({ side, orderType, timeInForce, reduceOnly }: PlaceCommand): number {
	return (side === 'buy' ? 1 : 0) + (orderType === 'market' ? 2 : 0) + (reduceOnly ? 4 : 0) + 8 * TIMES.indexOf(timeInForce);
}

/** Of two orders of ours that meet, the resting one goes (F34). */
function makePlaceHead({ instrument, side, orderType, timeInForce, reduceOnly }: PlaceCommand, plain: string): string {
	const isSpot = instrument.category === 'spot';
	const order = `"side":"${side === 'buy' ? 'Buy' : 'Sell'}","smpType":"CancelMaker"`;
	const limit = `"orderType":"Limit","timeInForce":"${TIMES_IN_FORCE[timeInForce]}"`;
	const market = `"orderType":"Market"${isSpot ? ',"marketUnit":"baseCoin"' : ''}`;
	const kind = orderType === 'market' ? market : limit;
	// Spot knows no positions, so neither of these.
	const position = isSpot ? '' : `"positionIdx":0,"reduceOnly":${reduceOnly},`;
	return `${order},${kind},${position}${plain}`;
}

function headsOf(instrument: Instrument): Heads {
	const known = headsByInstrument.get(instrument);
	if (known !== undefined) return known;
	const { symbol } = instrument;
	assert(SYMBOL.test(symbol), `a symbol is made of A-Z, 0-9 and -, found ${JSON.stringify(symbol)}`);
	const heads: Heads = { plain: `"symbol":"${symbol}","orderLinkId":"`, places: [] };
	headsByInstrument.set(instrument, heads);
	return heads;
}

function endpoints(name: 'create' | 'amend' | 'cancel'): Record<CallForm, OrderEndpoint> {
	return {
		single: { op: `order.${name}`, path: `/v5/order/${name}` },
		batch: { op: `order.${name}-batch`, path: `/v5/order/${name}-batch` },
	};
}
