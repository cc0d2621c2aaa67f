/**
 * Bybit's wire as the faults see it: envelopes, codes and frames of V5. Written from the venue's documents; the façade
 * of the box has code of its own for the same wire.
 */
import type { HttpReply, HttpRequest } from '../facade.ts';
import { corruptLevel, withSequence } from './bybit-books.ts';
import { cursorOf, emptied, isRead, itemCount, withCursor } from './bybit-lists.ts';
import type { BatchForm, ClientFrame, Dialect, Refusal } from './dialect.ts';
import { isRecord, type Json, listOf, parseJson } from './json.ts';

const CODES: Readonly<Record<Refusal, readonly [code: number, message: string]>> = {
	'venue-restarting': [10016, 'Service is restarting, please retry later.'],
	'venue-timeout': [10000, 'Server Timeout'],
	'too-many': [10006, 'Too many visits. Exceeded the API Rate Limit.'],
	closed: [10016, 'The system is under maintenance.'],
	halted: [110066, 'Trading is currently not allowed.'],
	'key-expired': [33004, 'Your api key has expired.'],
	'key-invalid': [10003, 'API key is invalid.'],
	'key-permission': [10005, 'Permission denied, please check your API key permissions.'],
};

const ORDER_PATH = /^\/v5\/order\/(create|amend|cancel|cancel-all|create-batch|amend-batch|cancel-batch)$/;
/** How frames of public topics begin: those are most of all frames. */
const TOPIC_FIRST = '{"topic":"';
const TOPIC_LENGTH_MAX = 200;
const TOPIC = /"topic":"([^"]{1,200})"/;
/** The topic stands near the front of a frame, before any data worth mentioning. */
const TOPIC_WITHIN = 300;
/** How frames of contracts begin. What begins otherwise is read whole. */
const HEAD = /^\{"topic":"[^"\\]{1,200}","type":"([a-z]+)"/;
/** No client id holds a character that JSON escapes. */
const CLIENT_ID = /"orderLinkId":"[^"]*"/g;
const RESTART_ID = 'box-restart';

export const BYBIT_DIALECT: Dialect = {
	channel(path) {
		if (path.startsWith('/v5/public')) return 'ws-public';
		return path.startsWith('/v5/trade') ? 'ws-trade' : 'ws-private';
	},
	operation: ({ path }) => {
		const verb = ORDER_PATH.exec(path)?.[1];
		return verb === undefined ? '' : `order.${verb}`;
	},
	isCancel: (operation) => operation.startsWith('order.cancel'),
	isSigned: (request: HttpRequest) => request.headers['x-bapi-api-key'] !== undefined,
	read,
	topicOf,
	answered(frame) {
		const { op, reqId } = fieldsOf(frame);
		return typeof op === 'string' && op.startsWith('order.') ? { operation: op, id: idOf(reqId) } : undefined;
	},

	refuse(refusal, nowMs, retryAfterMs): HttpReply {
		const [retCode, retMsg] = CODES[refusal];
		const headers = { 'content-type': 'application/json; charset=utf-8', ...limitHeaders(refusal, nowMs, retryAfterMs) };
		return { status: 200, headers, body: JSON.stringify({ retCode, retMsg, result: {}, retExtInfo: {}, time: nowMs }) };
	},
	refuseFrame(refusal, frame, nowMs, retryAfterMs) {
		const { op, reqId, req_id } = fieldsOf(frame);
		const [retCode, retMsg] = CODES[refusal];
		const ids = { ...(reqId === undefined ? {} : { reqId }), ...(req_id === undefined ? {} : { req_id }) };
		if (op === 'auth' && req_id !== undefined) return JSON.stringify({ ...ids, success: false, ret_msg: retMsg, op });
		const header = { Timenow: String(nowMs), ...limitHeaders(refusal, nowMs, retryAfterMs) };
		return JSON.stringify({ ...ids, retCode, retMsg, op, data: {}, retExtInfo: {}, header });
	},
	refuseSubscription(frame) {
		const { op, req_id, args } = fieldsOf(frame);
		const topic = listOf(args)[0];
		const ret_msg = `error:handler not found,topic:${typeof topic === 'string' ? topic : ''}`;
		return JSON.stringify({ success: false, ret_msg, conn_id: 'box', ...(req_id === undefined ? {} : { req_id }), op });
	},
	// The documents leave the body open; seen were texts and pages, never the usual envelope.
	refuseBanned: () => ({ status: 403, headers: { 'content-type': 'text/plain' }, body: '403, access too frequent' }),
	isTooMany: ({ status, body }) => status === 429 || (status === 200 && body.startsWith('{"retCode":10006,')),

	reshapeBatch,
	itemCount,
	isRead,
	cursorOf,
	withCursor,
	emptied,
	withoutClientIds(frame) {
		const blank = frame.replaceAll(CLIENT_ID, '"orderLinkId":""');
		return blank === frame ? undefined : blank;
	},
	withMessage(text, message) {
		const value = parseJson(text);
		return isRecord(value) && 'retMsg' in value ? JSON.stringify({ ...value, retMsg: message }) : undefined;
	},

	isBook: (topic) => topic.startsWith('orderbook.'),
	isSnapshot: (frame) => (HEAD.exec(frame)?.[1] ?? fieldsOf(frame)['type']) === 'snapshot',
	corruptLevel,
	sequenceOf(frame) {
		const { data } = fieldsOf(frame);
		const sequence = isRecord(data) ? data['u'] : undefined;
		return typeof sequence === 'number' ? sequence : undefined;
	},
	withSequence,
	restart: (topic) => ({
		frames: ['unsubscribe', 'subscribe'].map((op) => JSON.stringify({ req_id: RESTART_ID, op, args: [topic] })),
		isAnswer: (frame) => frame.includes(`"req_id":"${RESTART_ID}"`),
	}),
};

function topicOf(frame: string): string {
	if (frame.startsWith(TOPIC_FIRST)) {
		const end = frame.indexOf('"', TOPIC_FIRST.length);
		const length = end - TOPIC_FIRST.length;
		if (length > 0 && length <= TOPIC_LENGTH_MAX) return frame.slice(TOPIC_FIRST.length, end);
	}
	return TOPIC.exec(frame.slice(0, TOPIC_WITHIN))?.[1] ?? '';
}

function read(frame: string): ClientFrame {
	const { op, args, reqId } = fieldsOf(frame);
	const list = listOf(args);
	if (op === 'subscribe') return { kind: 'subscribe', topics: list.filter((each) => typeof each === 'string') };
	if (op === 'auth') return { kind: 'login', apiKey: typeof list[0] === 'string' ? list[0] : '' };
	if (typeof op === 'string' && op.startsWith('order.')) return { kind: 'order', operation: op, id: idOf(reqId) };
	return { kind: 'other' };
}

/** REST has the items under `result`, the trade socket under `data`; codes stand in a second list, by position. */
function reshapeBatch(text: string, form: BatchForm, pick: (bound: number) => number): string | undefined {
	const reply = parseJson(text);
	if (!isRecord(reply)) return undefined;
	const holder = isRecord(reply['data']) ? 'data' : 'result';
	const holding = reply[holder];
	const extra = reply['retExtInfo'];
	if (!isRecord(holding) || !isRecord(extra)) return undefined;
	const codes = listOf(extra['list']);
	const items = listOf(holding['list']).map((item, index): readonly [Json, Json] => [item, codes[index] ?? {}]);
	const victim = items[pick(Math.max(1, items.length))];
	if (victim === undefined) return undefined;
	const reshaped = reshape(items, victim, form, pick);
	const list = (side: 0 | 1) => reshaped.map((each) => each[side]);
	return JSON.stringify({ ...reply, [holder]: { ...holding, list: list(0) }, retExtInfo: { ...extra, list: list(1) } });
}

type Item = readonly [item: Json, code: Json];

function reshape(items: readonly Item[], victim: Item, form: BatchForm, pick: (bound: number) => number): readonly Item[] {
	switch (form) {
		case 'short':
			return items.filter((each) => each !== victim);
		case 'shuffled': {
			const turned = 1 + pick(Math.max(1, items.length - 1));
			return [...items.slice(turned), ...items.slice(0, turned)];
		}
		case 'doubled':
			return [...items, victim];
		case 'foreign':
			return items.map((each) => (each === victim ? foreign(each, pick) : each));
	}
}

function foreign([item, code]: Item, pick: (bound: number) => number): Item {
	const number = String(pick(1_000_000_000));
	return [{ ...(isRecord(item) ? item : {}), orderId: `foreign-${number}`, orderLinkId: `foreign-link-${number}` }, code];
}

function limitHeaders(refusal: Refusal, nowMs: number, retryAfterMs: number): Readonly<Record<string, string>> {
	if (refusal !== 'too-many') return {};
	return { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '0', 'X-Bapi-Limit-Reset-Timestamp': String(nowMs + retryAfterMs) };
}

interface Fields extends Readonly<Record<string, Json>> {
	readonly op?: Json;
	readonly args?: Json;
	readonly data?: Json;
	readonly reqId?: Json;
	readonly req_id?: Json;
}

function fieldsOf(frame: string): Fields {
	const value = parseJson(frame);
	return isRecord(value) ? value : {};
}

function idOf(value: Json): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
