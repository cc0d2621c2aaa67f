/**
 * The key of an account: signs what it is given and shows its secret to nobody, whatever is done to it. Synchronous on
 * purpose: the order path must not wait for another thread, and virtual time could not follow there.
 */
import { createHmac, createPrivateKey, createSecretKey, type KeyObject, sign } from 'node:crypto';
import { Hidden } from '../../network/hidden.ts';

/** Whoever makes a key pair himself pastes the private key; keys of the venue's own making are plain text. */
const PEM = /^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----/;

export type CredentialsMade =
	| { readonly kind: 'made'; readonly credentials: Credentials }
	| { readonly kind: 'refused'; readonly sentence: string };

/** Refuses what can be no key, without repeating it. */
export function makeCredentials(given: { readonly apiKey: string; readonly apiSecret: string }): CredentialsMade {
	const apiKey = given.apiKey.trim();
	// A key travels in a header and inside of JSON.
	if (!/^[\w-]{1,128}$/.test(apiKey)) {
		return { kind: 'refused', sentence: 'the API key is empty or has characters that no key of Bybit has' };
	}
	if (given.apiSecret.trim() === '') return { kind: 'refused', sentence: 'the API secret is empty' };
	try {
		return { kind: 'made', credentials: new Credentials(apiKey, given.apiSecret) };
	} catch {
		// Whatever node:crypto says may quote the key.
		return { kind: 'refused', sentence: 'the API secret looks like a private RSA key but cannot be read as one' };
	}
}

export class Credentials extends Hidden {
	#apiKey: string;
	#secret: KeyObject;

	constructor(apiKey: string, apiSecret: string) {
		super();
		this.#apiKey = apiKey;
		this.#secret = PEM.test(apiSecret) ? createPrivateKey(apiSecret) : createSecretKey(apiSecret.trim(), 'utf8');
	}

	get apiKey(): string {
		return this.#apiKey;
	}

	/** From the next request on. Connections that have logged in stay as they are, and log in anew with this one. */
	become(other: Credentials): void {
		this.#apiKey = other.#apiKey;
		this.#secret = other.#secret;
	}

	/**
	 * Hexadecimal for keys of the venue's making, base64 for RSA. The body of a batch comes as a piece of its own, since to
	 * join it to what stands before it would copy it once more than needed.
	 */
	sign(head: string, body = ''): string {
		if (this.#secret.type === 'secret') return createHmac('sha256', this.#secret).update(head).update(body).digest('hex');
		return sign('RSA-SHA256', Buffer.from(head + body), this.#secret).toString('base64');
	}
}
