/**
 * Bytes that no client sends, over real sockets to the whole box: requests broken off, too long or not text, frames with
 * bits set that must not be, too long or in pieces. The server stays up, answers by its limits, hears of no mistake of its
 * own, and no account changes.
 */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Box } from '../../src/app/box.ts';
import type { Rng } from '../../src/ports/rng.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { openRealBox } from '../fixtures/real-box.ts';
import { mutateJson, pick } from './mutations.ts';
import { Tally } from './tally.ts';

const SEED = 20_260_215;
const CASES = 3_000;
const AT_ONCE = 16;
const ANSWERS_WITHIN_MS = 15_000;
const HTTP_STATUS = /^HTTP\/1\.1 (\d{3}) /;

let box: Box;
const bugs: unknown[] = [];
const report = { kinds: new Tally(), answers: new Tally() };

beforeAll(async () => {
	box = await openRealBox(bugs, { seed: SEED, limitFactor: Number.POSITIVE_INFINITY });
});

afterAll(async () => {
	await box[Symbol.asyncDispose]();
	process.stdout.write(`${report.kinds.text('broken bytes')}\n${report.answers.text('answers')}\n`);
});

interface BytesCase {
	readonly kind: string;
	readonly bytes: Buffer;
	/** Statuses or close codes of which one must come. None: nothing need come, the client goes away first. */
	readonly answers: readonly (number | 'closed' | 'answered')[];
	/** Frames are only sent once the handshake is done. */
	readonly upgrades: boolean;
}

test(`${CASES} pieces of broken bytes, seed ${SEED}`, async () => {
	const before = await stateHash();
	const rng = seededRng(SEED);
	for (let index = 0; index < CASES; index += AT_ONCE) {
		const cases = Array.from({ length: AT_ONCE }, () => bytesCase(rng));
		const problems = await Promise.all(cases.map(tryBytes));
		for (const [offset, problem] of problems.entries()) {
			if (problem !== null)
				expect.fail(`${problem}\ncase ${index + offset}: ${cases[offset]?.bytes.subarray(0, 400).toString('latin1')}`);
		}
		const reply = await fetch(`${box.listening.bybit.rest}/v5/market/time`);
		expect([reply.status, bugs]).toEqual([200, []]);
	}
	expect(await stateHash()).toBe(before);
	expect(report.kinds.below(Object.keys({ ...HTTP_CASES, ...FRAME_CASES }), 50)).toEqual([]);
}, 300_000);

const REQUEST = ['POST /v5/order/create HTTP/1.1', 'Host: box', 'Content-Type: application/json', 'Connection: close'] as const;

const HTTP_CASES: Readonly<Record<string, (rng: Rng) => readonly [string | Buffer, BytesCase['answers']]>> = {
	'request broken off': (rng) => {
		const text = request(order(rng));
		return [text.slice(0, rng.below(text.length)), []];
	},
	'body shorter than declared': (rng) => [`${head(500)}${'x'.repeat(rng.below(400))}`, []],
	'body beyond the limit': (rng) => [request('x'.repeat(1_048_577 + rng.below(1_000))), [413]],
	'body declared far too long': () => [`${head(99_999_999)}{}`, [413]],
	'headers too long': (rng) => [`${REQUEST.join('\r\n')}\r\nX-Long: ${'y'.repeat(17_000 + rng.below(50_000))}\r\n\r\n`, [431]],
	'body that is no text': (rng) => {
		const bytes = Buffer.concat([Buffer.from(order(rng)), Buffer.from([0xff, 0xfe, 0xc0, 0x80])]);
		return [Buffer.concat([Buffer.from(head(bytes.length)), bytes]), [400]];
	},
	noise: (rng) => [
		Buffer.concat([
			Buffer.from([rng.below(256)]),
			Buffer.from(Array.from({ length: 1 + rng.below(300) }, () => rng.below(256))),
			Buffer.from('\r\n\r\n'),
		]),
		[400, 'closed'],
	],
	'odd request line': (rng) => [`${pick(rng, ODD_LINES)}\r\nHost: box\r\nConnection: close\r\n\r\n`, ['answered', 'closed']],
	'odd chunks': (rng) => [
		`${REQUEST.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n${pick(rng, ODD_CHUNKS)}`,
		['answered', 'closed'],
	],
	'two lengths': () => [request('{}').replace('Host: box', 'Host: box\r\nContent-Length: 7'), [400]],
};

const ODD_LINES = [
	...[
		'GET  /v5/market/time HTTP/1.1',
		'GET /v5/market/time HTTP/9.9',
		'G\u0000T / HTTP/1.1',
		'GET http://other/v5/market/time HTTP/1.1',
	],
	...[
		'CONNECT box:443 HTTP/1.1',
		'GET /v5/market/time?%zz%00=%ff HTTP/1.1',
		'get / HTTP/1.1',
		'PRI * HTTP/2.0',
		'OPTIONS * HTTP/1.1',
	],
	...[
		`GET /${'a'.repeat(12_000)} HTTP/1.1`,
		'GET /v5/../../etc/passwd HTTP/1.1',
		'GET //v5//market/time HTTP/1.1',
		'GET /\ud83d\ude00 HTTP/1.1',
	],
];
const ODD_CHUNKS = [
	'zz\r\n{}\r\n0\r\n\r\n',
	'-1\r\n\r\n',
	'ffffffffffffffff1\r\n',
	'2\r\n{}x\r\n0\r\n\r\n',
	'2;a="b\r\n{}\r\n0\r\n\r\n',
	'0\r\n\r\n',
];

/** Each speaks its frames after a handshake. The close codes are those of RFC 6455. */
const FRAME_CASES: Readonly<Record<string, (rng: Rng) => readonly [Buffer, BytesCase['answers']]>> = {
	'opcode reserved': (rng) => [frame(Buffer.from('{}'), { opcode: pick(rng, [3, 4, 5, 6, 7, 11, 12, 15]) }), [1002]],
	'bits reserved': (rng) => [frame(Buffer.from('{}'), { opcode: 1, reserved: pick(rng, [0x10, 0x20, 0x40, 0x70]) }), [1002]],
	'frame without a mask': () => [frame(Buffer.from('{"op":"ping"}'), { opcode: 1, masked: false }), [1002]],
	'frame beyond the limit': (rng) => [frame(Buffer.alloc(1_048_577 + rng.below(9_000), 0x20), { opcode: 1 }), [1009]],
	'frame beyond what the venue reads': (rng) => [frame(Buffer.alloc(262_145 + rng.below(9_000), 0x20), { opcode: 1 }), [1009]],
	'frame that says it is endless': () => [
		Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]),
		[1009],
	],
	'frame broken off': (rng) => {
		const bytes = frame(Buffer.from(order(rng)), { opcode: 1 });
		return [bytes.subarray(0, 1 + rng.below(bytes.length - 1)), []];
	},
	'text that is no text': (rng) => [frame(Buffer.from([0x7b, 0xff, 0xfe, rng.below(256)]), { opcode: 1 }), [1007]],
	'control frame too long': (rng) => [frame(Buffer.alloc(126 + rng.below(200)), { opcode: pick(rng, [8, 9, 10]) }), [1002]],
	'control frame in pieces': () => [frame(Buffer.from('x'), { opcode: 9, isLast: false }), [1002]],
	'message in pieces': (rng) => [pieces(Buffer.from('{"op":"ping","req_id":"in pieces"}'), rng), ['answered']],
	'pieces beyond the limit': () => [pieces(Buffer.alloc(1_200_000, 0x20), undefined), [1009]],
	'piece of nothing': () => [frame(Buffer.from('x'), { opcode: 0 }), [1002]],
	'close with a code that is none': (rng) => [frame(Buffer.from([0, pick(rng, [0, 1, 99])]), { opcode: 8 }), [1002]],
	'mutated frame': (rng) => [
		frame(Buffer.from(mutateJson({ op: 'ping', req_id: 'x', args: [] }, rng).text.slice(0, 60_000)), { opcode: 1 }),
		['answered'],
	],
};
const PATHS = ['/v5/public/linear', '/v5/public/spot', '/v5/private', '/v5/trade'] as const;

function bytesCase(rng: Rng): BytesCase {
	const upgrades = rng.below(2) === 0;
	const table = upgrades ? FRAME_CASES : HTTP_CASES;
	const kind = pick(rng, Object.keys(table));
	const [bytes, answers] = table[kind]?.(rng) ?? ['', []];
	const all = Buffer.from(bytes);
	return { kind, bytes: upgrades ? Buffer.concat([handshake(pick(rng, PATHS)), all]) : all, answers, upgrades };
}

/** Says the bytes, listens until there is an answer or the end, and goes away. */
async function tryBytes({ kind, bytes, answers, upgrades }: BytesCase): Promise<string | null> {
	report.kinds.add(kind);
	const heard = await converse(bytes, answers.length === 0 ? 0 : upgrades ? answered : always(false));
	if (answers.length === 0) return null;
	const answer = upgrades ? frameAnswer(heard) : httpAnswer(heard);
	report.answers.add(`${upgrades ? 'frame' : 'http'} ${answer}`);
	const isFine = answers.some((each) => each === answer || (each === 'answered' && typeof answer === 'number'));
	return isFine ? null : `${kind} was answered by ${answer}, expected ${answers.join(' or ')}`;
}

function converse(bytes: Buffer, isEnough: 0 | ((heard: Buffer) => boolean)): Promise<Buffer> {
	const { port } = new URL(box.listening.bybit.rest);
	return new Promise((resolve, reject) => {
		let heard = Buffer.alloc(0);
		const late = setTimeout(
			() => reject(new Error(`no answer to ${bytes.subarray(0, 200).toString('latin1')}`)),
			ANSWERS_WITHIN_MS,
		);
		const socket = connect(Number(port), '127.0.0.1', () => {
			socket.write(bytes, () => {
				if (isEnough === 0) socket.destroy();
			});
		});
		socket.on('data', (chunk: Buffer) => {
			heard = Buffer.concat([heard, chunk]);
			if (isEnough !== 0 && isEnough(heard)) socket.destroy();
		});
		// A reset is one of the ways to be told no.
		socket.on('error', () => {});
		socket.on('close', () => {
			clearTimeout(late);
			resolve(heard);
		});
	});
}

function httpAnswer(heard: Buffer): number | 'closed' {
	const status = HTTP_STATUS.exec(heard.toString('latin1'))?.[1];
	return status === undefined ? 'closed' : Number(status);
}

/** The code of a close frame; 1 for a text frame, which is an answer too. */
function frameAnswer(heard: Buffer): number | 'closed' {
	const body = heard.subarray(heard.indexOf('\r\n\r\n') + 4);
	const opcode = (body[0] ?? 0) & 0x0f;
	if (opcode === 8 && body.length >= 4) return body.readUInt16BE(2);
	return opcode === 1 ? 1 : 'closed';
}

function answered(heard: Buffer): boolean {
	return heard.includes('\r\n\r\n') && frameAnswer(heard) !== 'closed';
}

function always(value: boolean): () => boolean {
	return () => value;
}

function order(rng: Rng): string {
	return mutateJson(
		{ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '1' },
		rng,
	).text.slice(0, 60_000);
}

function head(length: number): string {
	return `${[...REQUEST, `Content-Length: ${length}`].join('\r\n')}\r\n\r\n`;
}

function request(body: string): string {
	return head(Buffer.byteLength(body)) + body;
}

function handshake(path: string): Buffer {
	const key = createHash('md5').update(path).digest('base64');
	const lines = [`GET ${path} HTTP/1.1`, 'Host: box', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
	return Buffer.from(`${[...lines, `Sec-WebSocket-Key: ${key}`].join('\r\n')}\r\n\r\n`);
}

interface FrameOptions {
	readonly opcode: number;
	readonly reserved?: number;
	readonly masked?: boolean;
	readonly isLast?: boolean;
}

/** A frame with a mask of zeros, which leaves the payload as it is. */
function frame(payload: Buffer, { opcode, reserved = 0, masked = true, isLast = true }: FrameOptions): Buffer {
	const { length } = payload;
	const mask = masked ? 0x80 : 0;
	const first = (isLast ? 0x80 : 0) | reserved | opcode;
	let start = Buffer.from([first, mask | length]);
	if (length > 65_535) {
		start = Buffer.alloc(10);
		start.set([first, mask | 127]);
		start.writeUInt32BE(length, 6);
	} else if (length > 125) {
		start = Buffer.from([first, mask | 126, length >> 8, length & 0xff]);
	}
	return Buffer.concat([start, Buffer.alloc(masked ? 4 : 0), payload]);
}

/** Four pieces, with a ping between them where there are dice for it. */
function pieces(payload: Buffer, rng: Rng | undefined): Buffer {
	const size = Math.ceil(payload.length / 4);
	const parts: Buffer[] = [];
	for (let at = 0; at < payload.length; at += size) {
		const isLast = at + size >= payload.length;
		parts.push(frame(payload.subarray(at, at + size), { opcode: at === 0 ? 1 : 0, isLast }));
		if (rng !== undefined && !isLast && rng.below(4) === 0) parts.push(frame(Buffer.alloc(0), { opcode: 10 }));
	}
	return Buffer.concat(parts);
}

async function stateHash(): Promise<unknown> {
	const { url, token } = box.listening.control;
	const reply = await fetch(`${url}/v1/state`, { headers: { authorization: `Bearer ${token}` } });
	return ((await reply.json()) as { stateHash: unknown }).stateHash;
}
