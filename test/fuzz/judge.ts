/**
 * What an answer of the venue looks like, written down from its documents and not from the box: a judge says what is
 * wrong with one, or null. Knows nothing of what was asked but its length.
 */
import type { HttpReply } from '../../src/exchange/facade.ts';

/** The codes of the venue that this box may answer with; a new one is to be looked up and added. */
const CODES: ReadonlySet<unknown> = new Set([
	...[0, 30228, 10001, 10002, 10003, 10004, 10005, 10006, 10007, 10017, 10403, 10404, 20001, 20006],
	...[
		110001, 110003, 110007, 110013, 110017, 110020, 110025, 110029, 110043, 110064, 110066, 110072, 110074, 110079, 110094,
		110103, 110119,
	],
	...[170115, 170116, 170117, 170121, 170124, 170130, 170131, 170133, 170134, 170136, 170137, 170140, 170141, 170148, 170151],
	...[170193, 170194, 170202, 170213, 170217, 170218, 170227, 170311, 170313, 170344, 170355, 170381, 170810],
]);
const STATUSES: ReadonlySet<number> = new Set([200, 400, 401, 404]);
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;
/** An answer may quote what was sent, with each character as `\u0000`, and say some words of its own. */
const QUOTED_LENGTH = 6;
const OWN_LENGTH = 300_000;

export type Verdict = string | null;

interface Envelope {
	readonly retCode?: unknown;
	readonly retMsg?: unknown;
	readonly result?: unknown;
	readonly retExtInfo?: unknown;
	readonly data?: unknown;
	readonly time?: unknown;
	readonly op?: unknown;
	readonly connId?: unknown;
	readonly header?: unknown;
	readonly success?: unknown;
	readonly ret_msg?: unknown;
	readonly conn_id?: unknown;
	readonly topic?: unknown;
	readonly args?: unknown;
}

/** Did it do something? Of a batch, any of its items. */
export function claimsSuccess(text: string): boolean {
	const { retCode, retExtInfo } = parsed(text) ?? {};
	if (retCode !== 0) return false;
	const codes = itemCodes(retExtInfo);
	return codes === null || codes.some((code) => code === 0);
}

/** Undefined where there is none, or where it is no number. */
export function retCodeOf(text: string): number | undefined {
	const retCode = parsed(text)?.retCode;
	return typeof retCode === 'number' ? retCode : undefined;
}

export function judgeReply(
	{ status, headers, body }: HttpReply,
	asked: { readonly length: number; readonly nowMs: number },
): Verdict {
	for (const [name, value] of Object.entries(headers)) {
		if (!HEADER_VALUE.test(value)) return `header ${name} cannot be sent`;
	}
	if (tooLong(body, asked.length)) return `an answer of ${body.length} characters`;
	if (status === 403) return body === 'access too frequent' ? null : 'a refusal at the door in other words';
	if (!STATUSES.has(status)) return `status ${status}`;
	const envelope = parsed(body);
	if (envelope === null) return 'no JSON object';
	if (envelope.time !== asked.nowMs) return `time ${JSON.stringify(envelope.time)}`;
	if (headers['Ret_code'] !== String(envelope.retCode)) return 'a header that tells another code';
	if (status !== 200 && envelope.retCode === 0) return `success with status ${status}`;
	return judgeCodes(envelope);
}

/** Of the trade socket. */
export function judgeTradeAnswer(text: string, askedLength: number): Verdict {
	const envelope = parsed(text);
	if (envelope === null) return 'no JSON object';
	if (tooLong(text, askedLength)) return `an answer of ${text.length} characters`;
	if (typeof envelope.op !== 'string' || typeof envelope.connId !== 'string') return 'op or connId is missing';
	if (envelope.op.startsWith('order.') && envelope.retCode === 0 && !isObject(envelope.header)) return 'the header is missing';
	return judgeCodes(envelope);
}

/** Of public and private sockets. */
export function judgeCommandAnswer(text: string, askedLength: number): Verdict {
	const envelope = parsed(text);
	if (envelope === null) return 'no JSON object';
	if (tooLong(text, askedLength)) return `an answer of ${text.length} characters`;
	if (typeof envelope.op !== 'string' || typeof envelope.conn_id !== 'string') return 'op or conn_id is missing';
	if (envelope.op === 'pong') return Array.isArray(envelope.args) ? null : 'a pong without the time';
	return typeof envelope.success === 'boolean' && typeof envelope.ret_msg === 'string' ? null : 'success or ret_msg is missing';
}

export function isDataFrame(text: string): boolean {
	return typeof parsed(text)?.topic === 'string';
}

function judgeCodes(envelope: Envelope): Verdict {
	if (!CODES.has(envelope.retCode)) return `code ${JSON.stringify(envelope.retCode)}`;
	if (typeof envelope.retMsg !== 'string') return 'retMsg is no text';
	for (const part of [envelope.result, envelope.retExtInfo, envelope.data]) {
		if (part !== undefined && !isObject(part) && !Array.isArray(part)) return 'a part that is no object';
	}
	const unknown = (itemCodes(envelope.retExtInfo) ?? []).find((code) => !CODES.has(code));
	return unknown === undefined ? null : `item code ${JSON.stringify(unknown)}`;
}

function itemCodes(retExtInfo: unknown): readonly unknown[] | null {
	const list = isObject(retExtInfo) ? retExtInfo['list'] : undefined;
	return Array.isArray(list) ? list.map((item: unknown) => (isObject(item) ? item['code'] : undefined)) : null;
}

function tooLong(text: string, askedLength: number): boolean {
	return !text.isWellFormed() || text.length > QUOTED_LENGTH * askedLength + OWN_LENGTH;
}

function parsed(text: string): Envelope | null {
	try {
		const value: unknown = JSON.parse(text);
		return isObject(value) ? value : null;
	} catch {
		return null;
	}
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
