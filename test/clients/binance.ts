/**
 * A box with Binance for one file of tests, spot and futures on one port: where it listens, whose keys it knows, and the
 * operator's side of it, for what a client cannot make happen by itself.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Box, type BoxAccount, type Listening, startBox } from './box.ts';

export const SYMBOL = 'BTCUSDT';
export const SECONDS = 1_000;

export interface Keys {
	readonly apiKey: string;
	/** Of an HMAC key, or the private half in PEM. */
	readonly apiSecret: string;
}

export interface BinanceBox {
	readonly box: Box;
	readonly rest: string;
	/** All clients want the bare host and append their paths. */
	readonly sockets: string;
	readonly urls: NonNullable<Listening['binance']>;
	readonly account: BoxAccount;
	closeLater(close: () => unknown): void;
	operate(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Readonly<Record<string, unknown>>>;
	/** One more key of the first account, whose private half nobody but the test has. */
	ed25519Keys(): Promise<Keys>;
}

/** Registers the hooks that start and stop the box around the tests of the file. */
export function useBinance({ seed, market = 'synthetic' }: { readonly seed: string; readonly market?: string }): BinanceBox {
	let box: Box;
	const closers: (() => unknown)[] = [];

	beforeAll(async () => {
		box = await startBox(['--binance-port', '0', '--market', market, '--seed', seed]);
	}, 60 * SECONDS);

	afterAll(async () => {
		await Promise.all(closers.map(async (close) => close()));
		expect(await box.stop()).toBe(0);
	}, 60 * SECONDS);

	const operate: BinanceBox['operate'] = async (method, path, body) => {
		const { url, token } = box.line.control;
		const reply = await fetch(`${url}${path}`, {
			method,
			headers: { authorization: `Bearer ${token}` },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const answer = (await reply.json()) as Readonly<Record<string, unknown>>;
		if (!reply.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
		return answer;
	};

	return {
		get box(): Box {
			return box;
		},
		get urls(): NonNullable<Listening['binance']> {
			if (box.line.binance === undefined) throw new Error('the box has no Binance');
			return box.line.binance;
		},
		get rest(): string {
			return this.urls.spot.rest;
		},
		get sockets(): string {
			return this.urls.spot.stream;
		},
		get account(): BoxAccount {
			return box.account;
		},
		closeLater: (close) => void closers.push(close),
		operate,
		ed25519Keys: async () => {
			const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
				privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
				publicKeyEncoding: { type: 'spki', format: 'pem' },
			});
			const { apiKey } = await operate('POST', `/v1/accounts/${box.account.name}/public-key`, { publicKey });
			return { apiKey: String(apiKey), apiSecret: privateKey };
		},
	};
}

/** A price that rests, on the grid of either market, below the best bid and inside its band. */
export function farBelow(bid: string | number, share = 0.98): number {
	return Math.floor(Number(bid) * share);
}
