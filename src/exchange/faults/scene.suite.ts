/** A tiny venue behind faults, a client and a virtual clock, for the tests of this folder. Not for anything else. */
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { Connected, Connection, ConnectTarget, Facade, HttpReply, HttpRequest, Peer } from '../facade.ts';
import { ActiveFaults } from './active-faults.ts';
import { BYBIT_DIALECT } from './bybit-dialect.ts';
import { createFaultDesk } from './desk.ts';
import { FaultyFacade } from './faulty-facade.ts';
import { FaultyLine, type LineOutcome } from './faulty-line.ts';

export const START_MS = 1_771_000_000_000;
export const BOOK = 'orderbook.50.BTCUSDT';
export const HEARTBEAT = { everyMs: 20_000, answerMsMax: 60_000 };

/** Takes every order, numbers its book, and remembers what reached it and when. */
class TinyVenue implements Facade {
	readonly seen: { readonly what: string; readonly nowMs: number }[] = [];
	readonly peers: Peer[] = [];
	readonly closings: number[] = [];
	sequence = 100;

	request(request: HttpRequest, nowMs: number): HttpReply {
		this.seen.push({ what: `${request.method} ${request.path} ${request.body}`, nowMs });
		return { status: 200, headers: { 'Content-Type': 'application/json' }, body: replyBody(request.path, nowMs) };
	}

	connect(_target: ConnectTarget, peer: Peer): Connected {
		this.peers.push(peer);
		const connection: Connection = {
			receive: (text, nowMs) => this.#receive(text, nowMs, peer),
			closed: (nowMs) => this.closings.push(nowMs),
		};
		return { kind: 'connected', connection, heartbeat: HEARTBEAT };
	}

	tick(nowMs: number): void {
		this.seen.push({ what: 'tick', nowMs });
	}

	delta(): string {
		this.sequence += 1;
		return bookFrame('delta', this.sequence);
	}

	#receive(text: string, nowMs: number, peer: Peer): void {
		this.seen.push({ what: text, nowMs });
		const frame = JSON.parse(text) as { op: string; reqId?: string; req_id?: string; args?: string[] };
		const { op, reqId, req_id } = frame;
		if (op.startsWith('order.'))
			peer.send(JSON.stringify({ reqId, retCode: 0, retMsg: 'OK', op, ...batchPart('data', idsIn(text)) }));
		else peer.send(JSON.stringify({ success: true, ret_msg: '', conn_id: 'c', req_id, op }));
		if (op === 'subscribe' && frame.args?.[0] === BOOK) peer.send(bookFrame('snapshot', this.sequence));
	}
}

export function bookFrame(type: 'snapshot' | 'delta', sequence: number): string {
	const data = { s: 'BTCUSDT', b: [['64999.90', '1.250']], a: [['65000.00', '0.800']], u: sequence, seq: sequence * 7 };
	return JSON.stringify({ topic: BOOK, type, ts: START_MS, data, cts: START_MS });
}

export function topicFrame(topic: string, number: number): string {
	return JSON.stringify({ id: `f-${number}`, topic, creationTime: START_MS, data: [{ number }] });
}

function replyBody(path: string, nowMs: number): string {
	const part = path.endsWith('-batch') ? batchPart('result') : { result: { orderId: 'o' }, retExtInfo: {} };
	return JSON.stringify({ retCode: 0, retMsg: 'OK', ...part, time: nowMs });
}

function idsIn(text: string): string[] {
	const found = [...text.matchAll(/"orderLinkId":"(\w+)"/g)].map((match) => match[1] ?? '');
	return found.length === 0 ? ['a', 'b', 'c'] : found;
}

function batchPart(holder: 'data' | 'result', ids = ['a', 'b', 'c']): object {
	const list = ids.map((id) => ({ symbol: 'BTCUSDT', orderId: `venue-${id}`, orderLinkId: id }));
	return { [holder]: { list }, retExtInfo: { list: list.map(({ orderLinkId }) => ({ code: 0, msg: orderLinkId })) } };
}

/** What a client sees of one socket. */
class SeenSocket implements Peer {
	readonly frames: string[] = [];
	readonly closes: number[] = [];

	send(text: string): void {
		this.frames.push(text);
	}

	close(code: number): void {
		this.closes.push(code);
	}
}

export function scene(seed = 1) {
	const clock = new VirtualClock(START_MS);
	const faults = new ActiveFaults({ rng: seededRng(seed), clock });
	const context = { faults, clock, dialect: BYBIT_DIALECT };
	const venue = new TinyVenue();
	const facade = new FaultyFacade(venue, context);
	const line = new FaultyLine(facade, context);
	return {
		clock,
		faults,
		venue,
		facade,
		desk: createFaultDesk(faults),
		/** Sends a request over the line; the outcomes so far are in the list. */
		ask(request: Partial<HttpRequest> = {}): LineOutcome[] {
			const outcomes: LineOutcome[] = [];
			line.handle(requestOf(request), clock.wallMs(), (outcome) => outcomes.push(outcome));
			return outcomes;
		},
		connect(path: string, remote = '10.0.0.1') {
			const seen = new SeenSocket();
			const connected = facade.connect({ path, query: '', remote }, seen, clock.wallMs());
			const speak = (frame: object) => {
				if (connected.kind === 'connected') connected.connection.receive(JSON.stringify(frame), clock.wallMs());
			};
			return { seen, connected, speak, peer: venue.peers.at(-1) ?? seen };
		},
	};
}

export function requestOf(request: Partial<HttpRequest>): HttpRequest {
	const headers = { 'x-bapi-api-key': 'KEY' };
	return { method: 'POST', path: '/v5/order/create', query: '', headers, body: '{"n":1}', remote: '10.0.0.1', ...request };
}

export function replyOf(outcomes: readonly LineOutcome[]): HttpReply {
	const [outcome] = outcomes;
	if (outcome?.kind !== 'reply') throw new Error(`expected a reply, found ${outcome?.kind ?? 'nothing'}`);
	return outcome.reply;
}
