/**
 * Binance's wire as the faults see it, of both markets: they share their forms, and the codes used here mean the same on
 * both. Written from the venue's documents; the façade of the box has code of its own for the same wire.
 */
import type { HttpReply, HttpRequest } from '../facade.ts';
import { corruptLevel, isDiff, sequenceOf, withSequence } from './binance-books.ts';
import type { BatchForm, ClientFrame, Dialect, Refusal } from './dialect.ts';
import { isRecord, type Json, listOf, parseJson } from './json.ts';

interface Said {
	readonly status: number;
	readonly code: number;
	readonly msg: string;
}

const TIMED_OUT = 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.';
const UNEXPECTED = 'An unexpected response was received from the message bus. Execution status unknown.';
const KEY_WRONG: Said = { status: 401, code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };

const SAID: Readonly<Record<Refusal, Said>> = {
	'venue-restarting': { status: 503, code: -1006, msg: UNEXPECTED },
	'venue-timeout': { status: 503, code: -1007, msg: TIMED_OUT },
	'too-many': { status: 429, code: -1003, msg: 'Too much request weight used; please use WebSocket Streams for live updates.' },
	closed: { status: 503, code: -1016, msg: 'This service is no longer available.' },
	halted: { status: 400, code: -1013, msg: 'Market is closed.' },
	'key-expired': KEY_WRONG,
	'key-invalid': KEY_WRONG,
	'key-permission': KEY_WRONG,
};

const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' };
const BANNED_SEC = '120';

/** By verb and path. What a replace does begins with a cancel, and it is no less a new order. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
	['POST /api/v3/order', 'order.create'],
	['DELETE /api/v3/order', 'order.cancel'],
	['DELETE /api/v3/openOrders', 'order.cancel-all'],
	['POST /api/v3/order/cancelReplace', 'order.replace'],
	['PUT /api/v3/order/amend/keepPriority', 'order.amend'],
	['POST /fapi/v1/order', 'order.create'],
	['PUT /fapi/v1/order', 'order.amend'],
	['DELETE /fapi/v1/order', 'order.cancel'],
	['DELETE /fapi/v1/allOpenOrders', 'order.cancel-all'],
	['POST /fapi/v1/batchOrders', 'order.create-batch'],
	['PUT /fapi/v1/batchOrders', 'order.amend-batch'],
	['DELETE /fapi/v1/batchOrders', 'order.cancel-batch'],
]);

const METHODS: ReadonlyMap<string, string> = new Map([
	['order.place', 'order.create'],
	['order.modify', 'order.amend'],
	['order.amend.keepPriority', 'order.amend'],
	['order.cancel', 'order.cancel'],
	['order.cancelReplace', 'order.replace'],
	['openOrders.cancelAll', 'order.cancel-all'],
]);

const LOGINS: ReadonlySet<string> = new Set(['session.logon', 'userDataStream.subscribe.signature', 'userDataStream.start']);
const READ = /^\/f?api\/v\d\/(order|openOrder|openOrders|allOrders|myTrades|userTrades|account|balance|positionRisk)$/;
const LISTS_OF_ITEMS = ['batchOrders', 'orderIdList', 'origClientOrderIdList'];

/** What a frame of user data is about, in the words of the catalogue. */
const USER_TOPICS: ReadonlyMap<string, string> = new Map([
	['executionReport', 'order'],
	['ORDER_TRADE_UPDATE', 'order'],
	['TRADE_LITE', 'order'],
	['outboundAccountPosition', 'wallet'],
	['balanceUpdate', 'wallet'],
	['ACCOUNT_UPDATE', 'position'],
	['ACCOUNT_CONFIG_UPDATE', 'position'],
	['MARGIN_CALL', 'position'],
]);
/** Names of streams and events stand near the front of a frame. */
const HEAD_LENGTH = 300;
const STREAM = /^\{"stream":"([^"]{1,200})"/;
const EVENT = /"e":"(\w{1,40})"/;
const SYMBOL = /"s":"(\w{1,40})"/;
/** No client id holds a character that JSON escapes. */
const CLIENT_ID = /"([cC])":"[^"]*"/g;

export const BINANCE_DIALECT: Dialect = {
	channel(path) {
		if (path.includes('/ws-api') || path.includes('/ws-fapi')) return 'ws-trade';
		return path.includes('/private') ? 'ws-private' : 'ws-public';
	},
	operation: ({ method, path }) => OPERATIONS.get(`${method} ${path}`) ?? '',
	isCancel: (operation) => operation.startsWith('order.cancel'),
	isSigned: ({ headers }) => headers['x-mbx-apikey'] !== undefined,
	read,
	topicOf,
	// An answer does not say what it answers, so all that could be about an order are taken for one.
	answered(frame) {
		const { id, status, result, error } = fieldsOf(frame);
		const isAnswer = typeof status === 'number' && (isRecord(error) || (isRecord(result) && 'symbol' in result));
		return isAnswer ? { operation: 'order.answer', id: idOf(id) } : undefined;
	},

	refuse(refusal, _nowMs, retryAfterMs): HttpReply {
		const { status, code, msg } = SAID[refusal];
		const retry = refusal === 'too-many' ? { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) } : {};
		return { status, headers: { ...JSON_TYPE, ...retry }, body: JSON.stringify({ code, msg }) };
	},
	refuseFrame(refusal, frame, nowMs, retryAfterMs) {
		const { status, code, msg } = SAID[refusal];
		const more = refusal === 'too-many' ? { data: { serverTime: nowMs, retryAfter: nowMs + retryAfterMs } } : {};
		return JSON.stringify({ id: fieldsOf(frame).id ?? null, status, error: { code, msg, ...more } });
	},
	refuseSubscription(frame) {
		return JSON.stringify({ error: { code: 2, msg: 'Invalid request: invalid stream' }, id: fieldsOf(frame).id ?? null });
	},
	refuseBanned: () => ({
		status: 418,
		headers: { ...JSON_TYPE, 'retry-after': BANNED_SEC },
		body: JSON.stringify({ code: -1003, msg: 'Way too much request weight used; IP banned.' }),
	}),
	isTooMany: ({ status }) => status === 429,

	reshapeBatch,
	itemCount,
	isRead: ({ method, path }: HttpRequest) => method === 'GET' && READ.test(path),
	// Lists here go on from an id or an instant, so there is no cursor that could go wrong.
	cursorOf: () => '',
	withCursor: () => undefined,
	emptied: (body) => (body.startsWith('[') && listOf(parseJson(body)).length > 0 ? '[]' : undefined),
	withoutClientIds(frame) {
		if (topicOf(frame) !== 'order') return undefined;
		const blank = frame.replace(CLIENT_ID, '"$1":""');
		return blank === frame ? undefined : blank;
	},
	withMessage(text, message) {
		const value = parseJson(text);
		return isRecord(value) && 'msg' in value ? JSON.stringify({ ...value, msg: message }) : undefined;
	},

	isBook: (topic) => topic.includes('@depth'),
	// Only lists of the best levels are whole, and those have no numbers that could break.
	isSnapshot: (frame) => !isDiff(frame),
	corruptLevel,
	sequenceOf,
	withSequence,
	// No stream here begins with a snapshot: what is subscribed anew goes on where it was.
	restart: () => ({ frames: [], isAnswer: () => false }),
};

/** The stream of a wrapped frame; of a bare one its event and symbol as the stream is called. */
function topicOf(frame: string): string {
	const head = frame.slice(0, HEAD_LENGTH);
	const event = EVENT.exec(head)?.[1];
	const user = event === undefined ? undefined : USER_TOPICS.get(event);
	if (user !== undefined) return user;
	const stream = STREAM.exec(head)?.[1];
	if (stream !== undefined) return stream;
	const symbol = SYMBOL.exec(head)?.[1]?.toLowerCase() ?? '';
	if (event === 'depthUpdate') return `${symbol}@depth`;
	if (event !== undefined) return symbol === '' ? event : `${symbol}@${event}`;
	return head.startsWith('{"u":') ? `${symbol}@bookTicker` : head.startsWith('{"lastUpdateId":') ? '@depth' : '';
}

function read(frame: string): ClientFrame {
	const { id, method, params } = fieldsOf(frame);
	if (typeof method !== 'string') return { kind: 'other' };
	if (method === 'SUBSCRIBE') {
		return { kind: 'subscribe', topics: listOf(params).filter((each) => typeof each === 'string') };
	}
	const name = method.replace(/^v\d\//, '');
	const operation = METHODS.get(name);
	if (operation !== undefined) return { kind: 'order', operation, id: idOf(id) };
	if (!LOGINS.has(name)) return { kind: 'other' };
	const apiKey = isRecord(params) ? params['apiKey'] : undefined;
	return { kind: 'login', apiKey: typeof apiKey === 'string' ? apiKey : '' };
}

/** A batch answers with a list, in the order of what was asked. Ids stay as they are written, however long. */
function reshapeBatch(text: string, form: BatchForm, pick: (bound: number) => number): string | undefined {
	const items = itemsOf(text);
	const victim = items[pick(Math.max(1, items.length))];
	if (victim === undefined) return undefined;
	switch (form) {
		case 'short':
			return listed(items.filter((each) => each !== victim));
		case 'shuffled': {
			const turned = 1 + pick(Math.max(1, items.length - 1));
			return listed([...items.slice(turned), ...items.slice(0, turned)]);
		}
		case 'doubled':
			return listed([...items, victim]);
		case 'foreign':
			return listed(items.map((each) => (each === victim ? foreign(each, pick(1_000_000_000)) : each)));
	}
}

/** The texts of the objects in a list; none hold other objects in what these batches answer. */
function itemsOf(text: string): readonly string[] {
	return text.startsWith('[') ? [...text.matchAll(/\{[^{}]*\}/g)].map(([item]) => item) : [];
}

function listed(items: readonly string[]): string {
	return `[${items.join(',')}]`;
}

function foreign(item: string, number: number): string {
	return item
		.replace(/"orderId":\d+/, `"orderId":${number}`)
		.replace(/"clientOrderId":"[^"]*"/, `"clientOrderId":"foreign-${number}"`);
}

function itemCount(text: string): number {
	const given = new URLSearchParams(text);
	for (const name of LISTS_OF_ITEMS) {
		const list = given.get(name);
		if (list !== null) return Math.max(1, listOf(parseJson(list)).length);
	}
	return 1;
}

interface Fields extends Readonly<Record<string, Json>> {
	readonly id?: Json;
	readonly method?: Json;
	readonly params?: Json;
	readonly status?: Json;
	readonly result?: Json;
	readonly error?: Json;
}

function fieldsOf(frame: string): Fields {
	const value = parseJson(frame);
	return isRecord(value) ? value : {};
}

function idOf(value: Json): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
