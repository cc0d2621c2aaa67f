/** Whether each stream of Binance opens and lets us in: a question that anybody or the key may ask, and the answer to it. */
import type { Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Finding } from '../wire/finding.ts';
import { isObject, type JsonObject } from '../wire/plain-values.ts';
import { type StreamTrial, type TrialParts, trialFinding } from '../wire/stream-trial.ts';
import { venueText } from '../wire/verdict.ts';
import { apiFrame } from './api-frame.ts';
import type { Market } from './codec/frames.ts';
import { parseFrame } from './codec/plain.ts';
import type { KeyHeard } from './listen-key.ts';
import type { Credentials } from './sign.ts';
import type { BinanceUrls } from './urls.ts';

export interface StreamsParts {
	readonly transport: Transport;
	readonly clock: Clock;
	readonly urls: BinanceUrls;
	/** Without them the public streams alone are tried. */
	readonly credentials: Credentials | undefined;
	readonly venueNowMs: () => number;
	readonly recvWindowMs: number;
	readonly orderEntry: 'ws' | 'rest';
	/**
	 * Opens the futures account's listen key, or gets the one that is open. It is never closed here: an account has one, and
	 * another program may be listening by it.
	 */
	readonly listenKey: () => Promise<Parameters<KeyHeard>[0]>;
}

const FRAME_ID = 'look';
const HELLO = JSON.stringify({ method: 'LIST_SUBSCRIPTIONS', id: FRAME_ID });
const OF_PROXY = 'look for a proxy or firewall that does not let WebSockets through';
const OF_ACCOUNT = 'without it nothing is known of our orders, so nothing is traded';
const OF_ORDERS = 'set order_entry to rest, and orders go another way';

export async function streamFindings(parts: StreamsParts, markets: readonly Market[]): Promise<readonly Finding[]> {
	const { transport, clock, credentials } = parts;
	const basics: TrialParts = { transport, clock, apiKey: credentials?.apiKey };
	const open = markets.flatMap((market) => publicTrials(parts, market));
	const own = credentials === undefined ? [] : markets.map((market) => ownFindings(parts, market, { basics, credentials }));
	const found = await Promise.all([...open.map((trial) => trialFinding(basics, trial)), ...own]);
	return found.flat();
}

function publicTrials({ urls }: StreamsParts, market: Market): readonly StreamTrial[] {
	const trial = (subject: string, url: string): StreamTrial => ({
		check: 'public stream',
		subject,
		url: `${url}/stream`,
		hello: () => HELLO,
		judge: judgeBy(({ id }) => id === FRAME_ID),
		good: 'answers',
		mend: OF_PROXY,
	});
	if (market === 'spot') return [trial('the public stream of spot', urls.spotStream)];
	return [
		trial('the stream of futures books', urls.futuresPublic),
		trial('the stream of futures marks and trades', urls.futuresMarket),
	];
}

interface Own {
	readonly basics: TrialParts;
	readonly credentials: Credentials;
}

async function ownFindings(parts: StreamsParts, market: Market, own: Own): Promise<readonly Finding[]> {
	const { urls, orderEntry } = parts;
	const ask = (method: string): Omit<StreamTrial, 'check' | 'subject' | 'url' | 'mend'> => ({
		hello: () => signedFrame(parts, own.credentials, method),
		judge: judgeBy(({ id }) => id === FRAME_ID),
		good: 'lets the API key in',
	});
	if (market === 'spot') {
		// Account and orders share the WS API, which is asked to tell of the account until it is closed.
		const asked = ask('userDataStream.subscribe.signature');
		const trial = { ...asked, check: 'private stream', subject: 'the WS API of spot', url: urls.spotWsApi, mend: OF_ACCOUNT };
		return [await trialFinding(own.basics, trial)];
	}
	const trade: StreamTrial = {
		...ask('v2/account.balance'),
		check: 'trade stream',
		subject: 'the WS API of futures',
		url: urls.futuresWsApi,
		mend: OF_ORDERS,
	};
	return await Promise.all([
		futuresAccountFinding(parts, own.basics),
		...(orderEntry === 'ws' ? [trialFinding(own.basics, trade)] : []),
	]);
}

/** It says nothing until there is something to say: that it opens must do. */
async function futuresAccountFinding({ urls, listenKey }: StreamsParts, basics: TrialParts): Promise<Finding> {
	const check = 'private stream';
	const opened = await listenKey();
	if (typeof opened !== 'string') {
		return { check, level: 'problem', sentence: `futures give no listen key: ${opened.failed}; ${OF_ACCOUNT}` };
	}
	return await trialFinding(basics, {
		check,
		subject: 'the private stream of futures',
		url: `${urls.futuresPrivate}/ws?listenKey=${opened}`,
		hello: undefined,
		judge: () => ({ kind: 'other' }),
		good: 'opens',
		mend: OF_ACCOUNT,
	});
}

function signedFrame({ venueNowMs, recvWindowMs }: StreamsParts, credentials: Credentials, method: string): string {
	const timestampMs = Math.floor(venueNowMs());
	return apiFrame({ id: FRAME_ID, method, params: {} }, { credentials, timestampMs, recvWindowMs, isLoggedOn: false });
}

function judgeBy(isAnswer: (message: JsonObject) => boolean): StreamTrial['judge'] {
	return (frame) => {
		const read = parseFrame(frame);
		if (read.kind !== 'object' || !isAnswer(read.message)) return { kind: 'other' };
		const { error } = read.message;
		if (error === undefined) return { kind: 'in' };
		const said = isObject(error) ? [error['code'], error['msg']].filter(isSayable) : [];
		return { kind: 'refused', why: said.length === 0 ? 'it does not say why' : venueText(said.join(': ')) };
	};
}

function isSayable(value: unknown): boolean {
	return typeof value === 'number' || (typeof value === 'string' && value !== '');
}
