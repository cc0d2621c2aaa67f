/**
 * The key of an account: signs what it is given and shows its secret to nobody, whatever is done to it. Three kinds: a
 * secret of the venue's own making (HMAC), and private keys that the owner made, Ed25519 and RSA. Synchronous on purpose:
 * the order path must not wait for another thread, and virtual time could not follow there.
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
		return { kind: 'refused', sentence: 'the API key is empty or has characters that no key of Binance has' };
	}
	if (given.apiSecret.trim() === '') return { kind: 'refused', sentence: 'the API secret is empty' };
	const secret = readSecret(given.apiSecret);
	if (secret === undefined) {
		return { kind: 'refused', sentence: 'the API secret looks like a private key but cannot be read as an Ed25519 or RSA one' };
	}
	return { kind: 'made', credentials: new Credentials(apiKey, secret) };
}

type Secret = { readonly kind: 'hmac' | 'ed25519' | 'rsa'; readonly key: KeyObject };

export class Credentials extends Hidden {
	#apiKey: string;
	#secret: Secret;

	constructor(apiKey: string, secret: Secret) {
		super();
		this.#apiKey = apiKey;
		this.#secret = secret;
	}

	get apiKey(): string {
		return this.#apiKey;
	}

	/** From the next request on. Connections that have logged in stay as they are, and log in anew with this one. */
	become(other: Credentials): void {
		this.#apiKey = other.#apiKey;
		this.#secret = other.#secret;
	}

	/** Whether a socket may log on with it once, instead of signing each frame: the venue takes Ed25519 alone for that. */
	get canLogOn(): boolean {
		return this.#secret.kind === 'ed25519';
	}

	/** Hexadecimal for secrets of the venue's making, base64 for key pairs. In a query it still has to be percent-encoded. */
	sign(payload: string): string {
		const { kind, key } = this.#secret;
		if (kind === 'hmac') return createHmac('sha256', key).update(payload).digest('hex');
		return sign(kind === 'rsa' ? 'RSA-SHA256' : null, Buffer.from(payload), key).toString('base64');
	}
}

function readSecret(text: string): Secret | undefined {
	if (!PEM.test(text)) return { kind: 'hmac', key: createSecretKey(text.trim(), 'utf8') };
	try {
		const key = createPrivateKey(text);
		const kind = key.asymmetricKeyType;
		return kind === 'ed25519' || kind === 'rsa' ? { kind, key } : undefined;
	} catch {
		// Whatever node:crypto says may quote the key.
		return undefined;
	}
}

/** Parameters of a frame of the WS API; `undefined` is left out. */
export type FrameParams = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * What a frame's signature covers: all parameters, the key among them, sorted by name and not encoded. Over REST the text
 * is signed as it is sent; here it is made for the signature alone.
 */
export function framePayload(params: FrameParams): string {
	return Object.entries(params)
		.filter(([, value]) => value !== undefined)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, value]) => `${name}=${value}`)
		.join('&');
}
