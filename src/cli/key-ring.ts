/**
 * The keys of a configuration: out of the environment, from which they are taken as soon as we know their names, or else
 * out of the keystore, for which the passphrase is asked when the first key is needed from there.
 */
import { join } from 'node:path';
import type { VenueSettings } from '../app/config/venue-settings.ts';
import { hasNoVariables, type KeysFound, keysOf, takeVariables, type Variables } from '../app/keys.ts';
import type { FollowedKeystore } from '../app/keystore/follow-keys.ts';
import { Keystore } from '../app/keystore/keystore.ts';
import { readKeystore } from '../app/keystore/keystore-file.ts';
import { folderOfUser } from './data-place.ts';
import { PASSPHRASE_ENV, passphraseOf } from './passphrase.ts';

export interface KeyRingOptions {
	readonly venues: readonly VenueSettings[];
	readonly environment: Record<string, string | undefined>;
	readonly passphraseFd?: string | undefined;
}

export class KeyRing {
	readonly #options: KeyRingOptions;
	readonly #variables: Variables;
	readonly #path: string;
	#keystore: Keystore | undefined;
	readonly #outOfKeystore = new Set<string>();

	constructor(options: KeyRingOptions) {
		this.#options = options;
		this.#path = keystorePath(options.environment);
		this.#variables = takeVariables(options.venues, options.environment, [PASSPHRASE_ENV]);
	}

	async keysOf(settings: VenueSettings): Promise<KeysFound> {
		const found = keysOf(settings, this.#variables);
		if (found.kind !== 'missing' || !hasNoVariables(settings, this.#variables)) return found;
		const file = readKeystore(this.#path);
		if (file.kind === 'none') return withKeystore(found.sentence, settings);
		if (file.kind === 'refused') return file;
		if (this.#keystore === undefined) {
			const opened = Keystore.open(file.text, await passphraseOf({ ...this.#options, variables: this.#variables }));
			if (opened.kind === 'refused') return { kind: 'refused', sentence: `${this.#path}: ${opened.sentence}` };
			this.#keystore = opened.keystore;
		}
		const key = this.#keystore.find(settings.keyName);
		if (key === undefined) return withKeystore(found.sentence, settings);
		if (key.kind !== settings.kind) {
			const sentence = `the key '${settings.keyName}' in the keystore is one of ${key.kind}, and venues.${settings.name} is ${settings.kind}`;
			return { kind: 'refused', sentence };
		}
		this.#outOfKeystore.add(settings.name);
		return { kind: 'found', apiKey: key.apiKey, apiSecret: key.apiSecret };
	}

	/** Undefined where no key came out of it. */
	get followed(): (FollowedKeystore & { readonly names: ReadonlySet<string> }) | undefined {
		if (this.#keystore === undefined || this.#outOfKeystore.size === 0) return undefined;
		return {
			keystore: this.#keystore,
			names: this.#outOfKeystore,
			read: () => {
				const file = readKeystore(this.#path);
				return file.kind === 'none' ? { kind: 'refused', sentence: `${this.#path} is gone` } : file;
			},
		};
	}
}

function withKeystore(sentence: string, { keyName, kind }: VenueSettings): KeysFound {
	return { kind: 'missing', sentence: `${sentence}; or put it into the keystore: evenkeel keys add ${keyName} --kind ${kind}` };
}

/** Of the user, not of one data folder: several engines may share a key, and none of their folders holds it. */
export function keystorePath(environment: Variables): string {
	const named = environment['EVENKEEL_KEYSTORE'];
	if (named !== undefined && named !== '') return named;
	return join(folderOfUser(environment['XDG_CONFIG_HOME'], '.config'), 'evenkeel', 'keys', 'keystore.json');
}
