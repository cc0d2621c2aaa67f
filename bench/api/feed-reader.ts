/**
 * A process that looks at an engine as a browser with two open pages does, the overview and that of one symbol: it logs in
 * by the printed link, keeps one socket with what both pages watch, reads every frame, and asks for the symbol's history
 * each second. It has the lowest priority, since a real browser is on another machine.
 *
 * Started by feed.bench.ts: `feed-reader.ts <link> <symbol>`; told over its channel what to do.
 */
import { constants, setPriority } from 'node:os';
import { WebSocket } from 'ws';

export type ReaderHears = 'look' | 'look away' | 'count anew' | 'tell';

export interface ReaderTold {
	/** Since it counted anew. */
	readonly ms: number;
	readonly frames: number;
	readonly bytes: number;
	/** The overview is another with each round of the feed, so these are the rounds that came through. */
	readonly overviews: number;
	readonly largestFrameBytes: number;
	/** Frames that said why there is no answer, and the last of these sentences. */
	readonly troubles: number;
	readonly trouble: string;
}

const HISTORY_EVERY_MS = 1_000;

const [link = '', symbol = ''] = process.argv.slice(2);
const { origin, hash, host } = new URL(link);
/** As in web/src/pages: what overview.tsx and symbol.tsx with its tables watch. */
const WATCHED = [
	{ name: 'overview', params: {} },
	{ name: 'symbols', params: {} },
	{ name: 'symbol', params: { symbol, depth: 50 } },
	{ name: 'orders', params: { symbol, state: 'open', limit: 30 } },
	{ name: 'fills', params: { symbol, limit: 20 } },
	{ name: 'markouts', params: {} },
];

setPriority(constants.priority.PRIORITY_LOW);
const cookie = await logIn();
let told = nothing();
let sinceMs = performance.now();
let socket: WebSocket | undefined;
let history: NodeJS.Timeout | undefined;

process.on('message', (heard: ReaderHears) => {
	if (heard === 'look') look();
	else if (heard === 'look away') lookAway();
	else if (heard === 'count anew') [told, sinceMs] = [nothing(), performance.now()];
	else process.send?.({ ...told, ms: performance.now() - sinceMs } satisfies ReaderTold);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

function nothing() {
	return { frames: 0, bytes: 0, overviews: 0, largestFrameBytes: 0, troubles: 0, trouble: '' };
}

async function logIn(): Promise<string> {
	const response = await fetch(`${origin}/v1/login`, {
		method: 'POST',
		headers: { origin, 'content-type': 'application/json' },
		body: JSON.stringify({ code: hash.slice('#code='.length) }),
	});
	const [given = ''] = response.headers.getSetCookie();
	if (response.status !== 200) throw new Error(`the log-in was answered with ${response.status}: ${await response.text()}`);
	return given.slice(0, given.indexOf(';'));
}

function look(): void {
	const opened = new WebSocket(`ws://${host}/v1/live`, { headers: { cookie, origin }, perMessageDeflate: false });
	socket = opened;
	opened.on('open', () => opened.send(JSON.stringify({ watch: WATCHED })));
	opened.on('message', (data: Buffer) => read(data.toString()));
	opened.on('error', (error) => hearTrouble(error.message));
	history = setInterval(() => void askHistory(), HISTORY_EVERY_MS);
	void askHistory();
}

function lookAway(): void {
	clearInterval(history);
	socket?.terminate();
	socket = undefined;
}

/** As the page does: the whole text is parsed, whatever becomes of it. */
function read(text: string): void {
	const frame = JSON.parse(text) as { readonly name?: string; readonly error?: { readonly sentence: string } };
	const bytes = Buffer.byteLength(text);
	told.frames += 1;
	told.bytes += bytes;
	told.largestFrameBytes = Math.max(told.largestFrameBytes, bytes);
	if (frame.name === 'overview') told.overviews += 1;
	if (frame.error !== undefined) hearTrouble(frame.error.sentence);
}

async function askHistory(): Promise<void> {
	const asked = new URLSearchParams({ symbol, depth: 'true', sinceMs: String(Date.now() - HISTORY_EVERY_MS) });
	const response = await fetch(`${origin}/v1/history?${asked.toString()}`, { headers: { cookie, origin } });
	const text = await response.text();
	if (response.status !== 200) hearTrouble(text);
}

function hearTrouble(sentence: string): void {
	told.troubles += 1;
	told.trouble = sentence;
}
