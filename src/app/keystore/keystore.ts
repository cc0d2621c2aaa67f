/**
 * API keys by name, in one sealed text (SEC12). Whoever has opened it can look a key up, change what is in it and seal it
 * again; it shows none of its secrets to whoever prints it, and of a key the last four characters at most (SEC7).
 */
import * as z from 'zod';
import { Hidden } from '../../network/hidden.ts';
import type { ApiKey } from '../venue-access.ts';
import { KEY_NAME } from './key-name.ts';
import { type Chance, canBeSealed, freshKey, type SealingKey, seal, unseal } from './sealed.ts';

const KEYS_MAX = 200;
/** A private RSA key in PEM is a quarter of this. */
const SECRET_CHARS_MAX = 16_384;

/** Long, not complicated: with scrypt in front of it, ten random characters are years of guessing. */
export const PASSPHRASE_CHARS_MIN = 10;

const storedKey = z.strictObject({
	name: z.string().regex(KEY_NAME),
	kind: z.enum(['bybit', 'binance']),
	apiKey: z.string().min(1).max(256),
	apiSecret: z.string().min(1).max(SECRET_CHARS_MAX),
	savedAtMs: z.number(),
});
const contents = z.strictObject({ keys: z.array(storedKey).max(KEYS_MAX) });

export type StoredKey = Readonly<z.output<typeof storedKey>>;

/** What anybody may see of a key. */
export interface KeyLine extends Pick<StoredKey, 'name' | 'kind' | 'savedAtMs'> {
	/** Its last characters. */
	readonly ending: string;
}

export type KeystoreOpened =
	| { readonly kind: 'open'; readonly keystore: Keystore }
	| { readonly kind: 'refused'; readonly sentence: string };

export class Keystore extends Hidden {
	readonly #keys: ReadonlyMap<string, StoredKey>;
	readonly #sealing: SealingKey;

	private constructor(keys: Iterable<StoredKey>, sealing: SealingKey) {
		super();
		this.#keys = new Map([...keys].map((key) => [key.name, key]));
		this.#sealing = sealing;
	}

	/** With nothing in it. */
	static fresh(passphrase: string, chance: Chance): Keystore {
		return new Keystore([], freshKey(passphrase, chance));
	}

	static open(file: string, passphrase: string): KeystoreOpened {
		return opened(file, passphrase, (keys, sealing) => new Keystore(keys, sealing));
	}

	/** The same, as its file is by now, without the passphrase. */
	reopen(file: string): KeystoreOpened {
		return opened(file, this.#sealing, (keys, sealing) => new Keystore(keys, sealing));
	}

	get lines(): readonly KeyLine[] {
		return [...this.#keys.values()]
			.map(({ name, kind, apiKey, savedAtMs }) => ({ name, kind, savedAtMs, ending: endingOf(apiKey) }))
			.sort((one, other) => (one.name < other.name ? -1 : 1));
	}

	find(name: string): (ApiKey & Pick<StoredKey, 'kind'>) | undefined {
		const found = this.#keys.get(name);
		return found === undefined ? undefined : { apiKey: found.apiKey, apiSecret: found.apiSecret, kind: found.kind };
	}

	/** In place of the one of that name. Undefined where there is no room for one more. */
	with(key: StoredKey): Keystore | undefined {
		const keys = new Map(this.#keys).set(key.name, storedKey.parse(key));
		const next = new Keystore(keys.values(), this.#sealing);
		return keys.size > KEYS_MAX || !canBeSealed(next.#text()) ? undefined : next;
	}

	without(name: string): Keystore {
		return new Keystore(
			[...this.#keys.values()].filter((key) => key.name !== name),
			this.#sealing,
		);
	}

	under(passphrase: string, chance: Chance): Keystore {
		return new Keystore(this.#keys.values(), freshKey(passphrase, chance));
	}

	/** As it is to stand in its file. */
	seal(chance: Chance): string {
		return seal(this.#text(), this.#sealing, chance);
	}

	#text(): string {
		return JSON.stringify({ keys: [...this.#keys.values()] });
	}
}

/** Of one that is so short that its end would be nearly all of it, nothing. */
export function endingOf(apiKey: string): string {
	return apiKey.length < 12 ? '…' : `…${apiKey.slice(-4)}`;
}

function opened(
	file: string,
	by: string | SealingKey,
	make: (keys: readonly StoredKey[], sealing: SealingKey) => Keystore,
): KeystoreOpened {
	const found = unseal(file, by);
	switch (found.kind) {
		case 'unreadable':
			return { kind: 'refused', sentence: 'it is no keystore of this version' };
		case 'locked':
			return { kind: 'refused', sentence: 'the passphrase is another one, or the file is spoilt' };
		case 'open': {
			const read = contents.safeParse(JSON.parse(found.text));
			if (!read.success) return { kind: 'refused', sentence: 'its content is of another version' };
			return { kind: 'open', keystore: make(read.data.keys, found.key) };
		}
	}
}
