/**
 * The client, in a process of its own: keeps its connections from job to job, has all bytes ready before the clock
 * starts, and looks at every reply.
 */
import { type Account, cancelAll, login, type Operation, orderRequest } from './server-orders.ts';
import { answerQuestions } from './server-processes.ts';
import { type Protocol, Wire, wsFrame } from './server-wire.ts';

export interface Target {
	readonly kind: 'box' | 'bare';
	readonly port: number;
}

export interface Burst {
	readonly target: Target;
	readonly protocol: Protocol;
	readonly operation: Operation;
	/** One connection each. */
	readonly accounts: readonly Account[];
	/** Requests that one connection has under way at most. */
	readonly perConnection: number;
	readonly count: number;
	/** Begins the ids of the orders. */
	readonly tag: string;
	/** Without it a request follows as soon as a reply makes room for it. */
	readonly perSec?: number;
}

export type LoadQuestion =
	| ({ readonly kind: 'burst' } & Burst)
	/** Cancels whatever the accounts have open. */
	| { readonly kind: 'tidy'; readonly target: Target; readonly accounts: readonly Account[] }
	/** Many listeners of one topic; `heard` tells what they heard, and closes them. */
	| {
			readonly kind: 'subscribe';
			readonly target: Target;
			readonly path: string;
			readonly topic: string;
			readonly listenerCount: number;
	  }
	| { readonly kind: 'heard' };

export interface BurstAnswer {
	readonly tookMs: number;
	/** Of a paced request since the instant at which it was due, sent late or not; of others since it was sent. */
	readonly latenciesMs: readonly number[];
}

export interface HeardAnswer {
	/** The deltas; all listeners heard the same number of them. */
	readonly frames: readonly string[];
	/** Of each: from the time that stands in it, in whole milliseconds, until the last listener had it. */
	readonly latenciesMs: readonly number[];
}

export interface LoadAnswers {
	readonly burst: BurstAnswer;
	readonly tidy: null;
	readonly subscribe: null;
	readonly heard: HeardAnswer;
}

const SETTLE_MS = 20;
/** After so long nothing more will come. */
const SILENCE_MS = 150;

const wires = new Map<string, Wire>();

answerQuestions(async (question: LoadQuestion): Promise<LoadAnswers[LoadQuestion['kind']]> => {
	switch (question.kind) {
		case 'burst':
			return await burst(question);
		case 'tidy':
			return await tidy(question);
		case 'subscribe':
			return await subscribe(question);
		case 'heard':
			return await heard();
	}
});

interface Lane {
	readonly wire: Wire;
	/** When the requests under way were sent, or should have been. */
	readonly since: number[];
	readonly ready: Buffer[];
}

async function burst({ target, protocol, operation, accounts, perConnection, count, tag, perSec }: Burst): Promise<BurstAnswer> {
	const lanes: Lane[] = [];
	for (const account of accounts) lanes.push({ wire: await wireOf(target, protocol, account), since: [], ready: [] });
	for (let number = 0; number < count; number += 1) {
		const at = number % accounts.length;
		lanes[at]?.ready.push(orderRequest(accounts[at] as Account, { protocol, operation }, { tag: `${tag}${at}`, number }));
	}
	const isRight =
		target.kind === 'bare' ? (text: string) => text.includes('"linear"') : (text: string) => text.includes('"retCode":0,');
	const latenciesMs: number[] = [];
	const done = Promise.withResolvers<void>();
	const send = (lane: Lane, sinceMs: number): void => {
		lane.since.push(sinceMs);
		lane.wire.write(lane.ready.pop() as Buffer);
	};
	const onReply = (lane: Lane, text: string): void => {
		const nowMs = performance.now();
		latenciesMs.push(nowMs - (lane.since.shift() as number));
		if (!isRight(text)) done.reject(new Error(`the ${target.kind} answered ${text}`));
		else if (latenciesMs.length === count) done.resolve();
		else if (perSec === undefined && lane.ready.length > 0) send(lane, nowMs);
	};
	for (const lane of lanes) {
		lane.wire.onText = (text) => onReply(lane, text);
		lane.wire.onClosed = () => done.reject(new Error(`the ${target.kind} closed a connection`));
	}

	// What was left to collect or to send is over before the clock starts, for either server.
	await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
	const startMs = performance.now();
	if (perSec === undefined) {
		for (const lane of lanes) while (lane.since.length < perConnection && lane.ready.length > 0) send(lane, performance.now());
	} else pace(lanes, { startMs, perSec, perConnection, send });
	await done.promise;
	return { tookMs: performance.now() - startMs, latenciesMs };
}

/** Sends each request when it is due, on a connection that has room; looks at the clock between replies, all the time. */
function pace(
	lanes: readonly Lane[],
	job: { startMs: number; perSec: number; perConnection: number; send: (lane: Lane, sinceMs: number) => void },
): void {
	const stepMs = 1_000 / job.perSec;
	let sent = 0;
	const look = (): void => {
		for (;;) {
			const dueMs = job.startMs + sent * stepMs;
			if (dueMs > performance.now()) break;
			const lane = lanes.find(({ since, ready }) => since.length < job.perConnection && ready.length > 0);
			if (lane === undefined) break;
			job.send(lane, dueMs);
			sent += 1;
		}
		if (lanes.some(({ ready }) => ready.length > 0)) setImmediate(look);
	};
	look();
}

async function tidy({ target, accounts }: Extract<LoadQuestion, { kind: 'tidy' }>): Promise<null> {
	for (const account of accounts) {
		const wire = await wireOf(target, 'http', account);
		while (!(await wire.ask(cancelAll(account))).includes('"list":[]')) {
			// Another five hundred.
		}
	}
	return null;
}

async function wireOf(target: Target, protocol: Protocol, account: Account): Promise<Wire> {
	const name = `${target.kind} ${protocol} ${account.name}`;
	const known = wires.get(name);
	if (known?.isOpen === true) return known;
	const wire = await Wire.open(target.port, protocol, '/v5/trade');
	wires.set(name, wire);
	if (protocol === 'ws') {
		const answer = await wire.ask(login(account));
		if (target.kind === 'box' && !answer.includes('"retCode":0')) throw new Error(`the login was answered with ${answer}`);
	}
	return wire;
}

const audience: { wire: Wire; heard: number }[] = [];
let frames: string[] = [];
/** Of each frame: when the last one so far had it. */
let lastMs: number[] = [];

async function subscribe({ target, path, topic, listenerCount }: Extract<LoadQuestion, { kind: 'subscribe' }>): Promise<null> {
	frames = [];
	lastMs = [];
	for (let index = 0; index < listenerCount; index += 1) {
		const listener = { wire: await Wire.open(target.port, 'ws', path), heard: 0 };
		// An answer comes first, and then, from the box, the snapshot to start from.
		await listener.wire.ask(wsFrame(JSON.stringify({ op: 'subscribe', args: [topic] })));
		listener.wire.onText = (text) => {
			if (!text.includes('"type":"delta"')) return;
			lastMs[listener.heard] = performance.timeOrigin + performance.now();
			if (listener.heard === frames.length) frames.push(text);
			listener.heard += 1;
		};
		audience.push(listener);
	}
	return null;
}

/** Waits until nothing more comes. Frames from before the last listener was there are left out. */
async function heard(): Promise<HeardAnswer> {
	for (let before = -1; before !== sum(); ) {
		before = sum();
		await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
	}
	const counts = new Set(
		audience.splice(0).map(({ wire, heard: count }) => {
			wire.close();
			return count;
		}),
	);
	if (counts.size !== 1) throw new Error(`listeners heard different numbers of frames: ${[...counts].join(', ')}`);
	const latenciesMs = lastMs.map((atMs, index) => atMs - Number(/"ts":(\d+)/.exec(frames[index] ?? '')?.[1]));
	return { frames, latenciesMs };
}

function sum(): number {
	return audience.reduce((total, { heard: count }) => total + count, 0);
}
