/** Sockets of all three kinds, logged in and not, and frames that met an accident on their way to one of them. */
import type { Rng } from '../../src/ports/rng.ts';
import type { FuzzedBox, FuzzedSocket } from './fuzzed-box.ts';
import { claimsSuccess, isDataFrame, judgeCommandAnswer, judgeTradeAnswer, retCodeOf } from './judge.ts';
import { mutateJson, pick } from './mutations.ts';
import { UNCHANGED } from './rest-cases.ts';
import type { Tally } from './tally.ts';
import { type SocketKind, VALID_FRAMES, type ValidFrame } from './valid-requests.ts';

export interface FrameCase {
	readonly seat: Seat;
	/** Kind of socket and operation of the frame before its accident. */
	readonly name: string;
	readonly text: string;
	readonly kinds: readonly string[];
}

interface Seat {
	readonly kind: SocketKind;
	readonly path: string;
	/** Whether it logs in as soon as it is open; it may do so later. */
	readonly logsIn: boolean;
	isLoggedIn: boolean;
	socket: FuzzedSocket;
}

const PLACES = [
	['public', '/v5/public/linear', false],
	['public', '/v5/public/spot', false],
	['public', '/v5/public/inverse', false],
	['private', '/v5/private', true],
	['private', '/v5/private', false],
	['trade', '/v5/trade', true],
	['trade', '/v5/trade', true],
	['trade', '/v5/trade', true],
	['trade', '/v5/trade', false],
] as const;
const FRAME_LENGTH_MAX = 262_144;
const TOO_BIG = 1009;

export class SocketRange {
	readonly #box: FuzzedBox;
	readonly #seats: readonly Seat[];

	constructor(box: FuzzedBox) {
		this.#box = box;
		this.#seats = PLACES.map(([kind, path, logsIn]) => ({
			kind,
			path,
			logsIn,
			isLoggedIn: logsIn,
			socket: this.#open(path, logsIn),
		}));
	}

	next(rng: Rng): FrameCase {
		const seat = pick(rng, this.#seats);
		// Now and then somebody leaves and comes back, with whatever was subscribed.
		if (rng.below(100) === 0) this.#renew(seat);
		const valid = pick(rng, VALID_FRAMES[seat.kind]);
		const frame = valid.frame(this.#box);
		const name = `${seat.kind} ${valid.op}`;
		if (rng.below(25) === 0) return { seat, name, text: JSON.stringify(frame), kinds: [UNCHANGED] };
		return { seat, name, ...mutateJson(frame, rng) };
	}

	/** What is wrong with how the box took it, or null. */
	try({ seat, name, text, kinds }: FrameCase, tallies: Readonly<Record<'operations' | 'kinds' | 'codes', Tally>>): string | null {
		const before = this.#box.hash();
		for (const other of this.#seats) other.socket.take();
		seat.socket.connection?.receive(text, this.#box.nowMs);
		const changed = this.#box.hash() !== before;
		const answers = seat.socket.take().filter((each) => !isDataFrame(each));
		tallies.operations.add(name);
		for (const kind of kinds) tallies.kinds.add(kind);
		if (seat.socket.closedWith !== null) return this.#whyClosed(seat, text, answers, changed);
		const [answer, ...more] = answers;
		if (answer === undefined) return opOf(text) === 'pong' ? null : 'no answer';
		if (more.length > 0) return `more than one answer: ${answers.join('\n')}`;
		const verdict = seat.kind === 'trade' ? judgeTradeAnswer(answer, text.length) : judgeCommandAnswer(answer, text.length);
		if (verdict !== null) return `${verdict}: ${answer.slice(0, 3_000)}`;
		const mayChange = seat.kind === 'trade' && seat.isLoggedIn && claimsSuccess(answer);
		if (changed && !mayChange) return `something changed under the answer ${answer.slice(0, 3_000)}`;
		if (opOf(answer) === 'auth' && claimsSuccess(answer)) seat.isLoggedIn = true;
		tallies.codes.add(`${seat.kind} ${String(retCodeOf(answer) ?? answer.includes('"success":true'))}`);
		return null;
	}

	/** The frames as they stand, each to a socket that is ready for it; what was refused. */
	tryValidFrames(): string[] {
		const problems: string[] = [];
		for (const { kind, path } of this.#seats.filter(
			({ kind: each, path: at, logsIn }) => logsIn || (each === 'public' && at.endsWith('linear')),
		)) {
			for (const valid of VALID_FRAMES[kind]) {
				const socket = this.#open(path, valid.op !== 'auth' && kind !== 'public');
				const text = JSON.stringify(this.#prepared(valid));
				socket.connection?.receive(text, this.#box.nowMs);
				const [answer = 'nothing'] = socket.take();
				const isFine = kind === 'trade' ? claimsSuccess(answer) : answer.includes('"success":true') || answer.includes('"pong"');
				if (!isFine) problems.push(`${kind} ${text} was answered with ${answer}`);
				socket.connection?.closed(this.#box.nowMs);
			}
		}
		return problems;
	}

	#prepared(valid: ValidFrame): unknown {
		return valid.frame(this.#box);
	}

	#whyClosed(seat: Seat, text: string, answers: readonly string[], changed: boolean): string | null {
		const { closedWith } = seat.socket;
		this.#renew(seat);
		if (closedWith !== TOO_BIG || text.length <= FRAME_LENGTH_MAX) return `closed with ${closedWith}`;
		return answers.length === 0 && !changed ? null : 'a frame too big was read all the same';
	}

	#renew(seat: Seat): void {
		seat.socket.connection?.closed(this.#box.nowMs);
		seat.socket = this.#open(seat.path, seat.logsIn);
		seat.isLoggedIn = seat.logsIn;
	}

	#open(path: string, logsIn: boolean): FuzzedSocket {
		const socket = this.#box.connect(path);
		if (logsIn) socket.connection?.receive(JSON.stringify({ op: 'auth', args: this.#box.credentials() }), this.#box.nowMs);
		socket.take();
		return socket;
	}
}

function opOf(text: string): unknown {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, 'op')?.value : undefined;
	} catch {
		return undefined;
	}
}
