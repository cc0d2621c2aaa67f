/**
 * Whether each stream opens and lets us in, found out by one short connection each: open, say hello or log in, hear the
 * answer, close. What fails on the way is tried again at once, since a single connection may always fail; what the venue
 * itself refuses is not.
 */
import type { Category } from '../../domain/instrument.ts';
import type { SocketEnd, Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import { type JsonObject, parseFrame } from './codec/plain.ts';
import type { Finding } from './doctor-account.ts';
import { venueText } from './errors.ts';
import type { Credentials } from './sign.ts';
import type { BybitUrls } from './urls.ts';

export interface StreamsParts {
	readonly transport: Transport;
	readonly clock: Clock;
	readonly urls: BybitUrls;
	/** Without them the public streams alone are tried. */
	readonly credentials: Credentials | undefined;
	readonly venueNowMs: () => number;
	readonly orderEntry: 'ws' | 'rest';
}

/** From opening to the answer. */
const ANSWER_WITHIN_MS = 5_000;
const TRIES_MAX = 3;
const TRY_AGAIN_MS = 300;
const LOGIN_LIFE_MS = 10_000;
const HELLO = '{"op":"ping"}';

interface Trial {
	readonly check: string;
	/** As the subject of a sentence. */
	readonly subject: string;
	readonly url: string;
	readonly hello: () => string;
	readonly isAnswer: (message: JsonObject) => boolean;
	readonly good: string;
	readonly mend: string;
}

type Heard =
	| { readonly kind: 'in' }
	| { readonly kind: 'refused'; readonly why: string }
	| { readonly kind: 'lost'; readonly why: string };

export async function streamFindings(parts: StreamsParts, categories: readonly Category[]): Promise<readonly Finding[]> {
	const trials = [...categories.map((category) => publicTrial(parts, category)), ...signedTrials(parts)];
	return await Promise.all(trials.map((trial) => findingOf(parts, trial)));
}

function publicTrial({ urls }: StreamsParts, category: Category): Trial {
	const url = { spot: urls.publicSpot, linear: urls.publicLinear, inverse: urls.publicInverse }[category];
	return {
		check: 'public stream',
		subject: `the public stream of ${category}`,
		url,
		hello: () => HELLO,
		isAnswer: () => true,
		good: 'answers',
		mend: 'look for a proxy or firewall that does not let WebSockets through',
	};
}

function signedTrials({ urls, credentials, venueNowMs, orderEntry }: StreamsParts): readonly Trial[] {
	if (credentials === undefined) return [];
	const hello = (): string => {
		const expiresAtMs = Math.floor(venueNowMs()) + LOGIN_LIFE_MS;
		const args = [credentials.apiKey, expiresAtMs, credentials.sign(`GET/realtime${expiresAtMs}`)];
		return JSON.stringify({ op: 'auth', args });
	};
	const login = { hello, isAnswer: ({ op }: JsonObject) => op === 'auth', good: 'lets the API key in' };
	const own: Trial = {
		...login,
		check: 'private stream',
		subject: 'the private stream',
		url: urls.private,
		mend: 'without it nothing is known of our orders, so nothing is traded',
	};
	if (urls.trade === undefined || orderEntry === 'rest') return [own];
	const mend = 'set order_entry to rest, and orders go another way';
	return [own, { ...login, check: 'trade stream', subject: 'the stream for orders', url: urls.trade, mend }];
}

async function findingOf(parts: StreamsParts, trial: Trial): Promise<Finding> {
	const { check, subject, good, mend } = trial;
	const { host } = new URL(trial.url);
	let heard = await tryOnce(parts, trial);
	for (let tries = 1; heard.kind === 'lost' && tries < TRIES_MAX; tries += 1) {
		await new Promise<void>((resolve) => {
			parts.clock.after(TRY_AGAIN_MS, resolve);
		});
		heard = await tryOnce(parts, trial);
	}
	switch (heard.kind) {
		case 'in':
			return { check, level: 'ok', sentence: `${subject} ${good} at ${host}` };
		case 'refused':
			return { check, level: 'problem', sentence: `${subject} at ${host} refuses the API key (${heard.why}); ${mend}` };
		case 'lost':
			return { check, level: 'problem', sentence: `${subject} at ${host} gives no answer (${heard.why}); ${mend}` };
	}
}

function tryOnce({ transport, clock, credentials }: StreamsParts, { url, hello, isAnswer }: Trial): Promise<Heard> {
	return new Promise((resolve) => {
		const end = (heard: Heard): void => {
			timer.cancel();
			socket.close();
			resolve(heard);
		};
		const timer = clock.after(ANSWER_WITHIN_MS, () => end({ kind: 'lost', why: `none within ${ANSWER_WITHIN_MS / 1_000} s` }));
		const socket = transport.connect(
			{ url, handshakeTimeoutMs: ANSWER_WITHIN_MS },
			{
				opened: () => void socket.send(hello()),
				received: (frame) => {
					const read = parseFrame(frame);
					if (read.kind !== 'object' || !isAnswer(read.message)) return;
					const why = refusalIn(read.message);
					// A venue may quote the key that it refuses.
					if (why !== undefined) end({ kind: 'refused', why: why.replaceAll(credentials?.apiKey ?? '\0', '…') });
					else end({ kind: 'in' });
				},
				ponged: () => {},
				ended: (ended) => end({ kind: 'lost', why: endText(ended) }),
			},
		);
	});
}

/** The private stream says whether it worked, the one for orders has a code. */
function refusalIn({ success, ret_msg: text, retCode, retMsg }: JsonObject): string | undefined {
	if (success === true || retCode === 0) return undefined;
	const said = [retCode, text, retMsg].filter((each) => (typeof each === 'string' && each !== '') || typeof each === 'number');
	return said.length === 0 ? 'it does not say why' : venueText(said.join(': '));
}

function endText(ended: SocketEnd): string {
	switch (ended.kind) {
		case 'closed':
			return `closed with code ${ended.code}`;
		case 'refused':
			return ended.status === undefined ? ended.detail : `HTTP ${ended.status}`;
		case 'lost':
			return ended.detail;
	}
}
