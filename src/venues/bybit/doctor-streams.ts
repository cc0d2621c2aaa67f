/** Whether each stream of Bybit opens and lets us in: a ping or a login, and the answer to it (../wire/stream-trial.ts). */
import type { Category } from '../../domain/instrument.ts';
import type { Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Finding } from '../wire/finding.ts';
import type { JsonObject } from '../wire/plain-values.ts';
import { type StreamTrial, trialFinding } from '../wire/stream-trial.ts';
import { venueText } from '../wire/verdict.ts';
import { parseFrame } from './codec/plain.ts';
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

const LOGIN_LIFE_MS = 10_000;
const HELLO = '{"op":"ping"}';

export async function streamFindings(parts: StreamsParts, categories: readonly Category[]): Promise<readonly Finding[]> {
	const trials = [...categories.map((category) => publicTrial(parts, category)), ...signedTrials(parts)];
	const { transport, clock, credentials } = parts;
	return await Promise.all(trials.map((trial) => trialFinding({ transport, clock, apiKey: credentials?.apiKey }, trial)));
}

function publicTrial({ urls }: StreamsParts, category: Category): StreamTrial {
	const url = { spot: urls.publicSpot, linear: urls.publicLinear, inverse: urls.publicInverse }[category];
	return {
		check: 'public stream',
		subject: `the public stream of ${category}`,
		url,
		hello: () => HELLO,
		judge: judgeBy(() => true),
		good: 'answers',
		mend: 'look for a proxy or firewall that does not let WebSockets through',
	};
}

function signedTrials({ urls, credentials, venueNowMs, orderEntry }: StreamsParts): readonly StreamTrial[] {
	if (credentials === undefined) return [];
	const hello = (): string => {
		const expiresAtMs = Math.floor(venueNowMs()) + LOGIN_LIFE_MS;
		const args = [credentials.apiKey, expiresAtMs, credentials.sign(`GET/realtime${expiresAtMs}`)];
		return JSON.stringify({ op: 'auth', args });
	};
	const login = { hello, judge: judgeBy(({ op }) => op === 'auth'), good: 'lets the API key in' };
	const own: StreamTrial = {
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

function judgeBy(isAnswer: (message: JsonObject) => boolean): StreamTrial['judge'] {
	return (frame) => {
		const read = parseFrame(frame);
		if (read.kind !== 'object' || !isAnswer(read.message)) return { kind: 'other' };
		const why = refusalIn(read.message);
		return why === undefined ? { kind: 'in' } : { kind: 'refused', why };
	};
}

/** The private stream says whether it worked, the one for orders has a code. */
function refusalIn({ success, ret_msg: text, retCode, retMsg }: JsonObject): string | undefined {
	if (success === true || retCode === 0) return undefined;
	const said = [retCode, text, retMsg].filter((each) => (typeof each === 'string' && each !== '') || typeof each === 'number');
	return said.length === 0 ? 'it does not say why' : venueText(said.join(': '));
}
