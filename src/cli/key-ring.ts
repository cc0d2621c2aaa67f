/**
 * The keys of a configuration, the engine's and the sentinel's: out of the environment, from which they are taken as soon
 * as we know their names, or else out of the keystore, for which the passphrase is asked when the first key is needed
 * from there.
 */
import { join } from 'node:path';
import type { VenueSettings } from '../app/config/venue-settings.ts';
import { hasNoVariables, type KeysFound, keysOf, takeVariables, type Variables } from '../app/keys.ts';
import type { FollowedKeystore } from '../app/keystore/follow-keys.ts';
import { Keystore } from '../app/keystore/keystore.ts';
import { readKeystore } from '../app/keystore/keystore-file.ts';
import { folderOfUser } from './data-place.ts';
import { PASSPHRASE_ENV, passphraseOf } from './passphrase.ts';

/** The variables of a key. */
type KeyEnvs = Pick<VenueSettings, 'apiKeyEnv' | 'apiSecretEnv'>;

export interface KeyRingOptions {
	readonly venues: readonly VenueSettings[];
	/** Where the settings name a key for the sentinel as a whole, which is of the only account there is. */
	readonly ofSentinel: KeyEnvs | undefined;
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
		const ofSentinels = [options.ofSentinel, ...options.venues.map(({ sentinelKeyEnvs }) => sentinelKeyEnvs)];
		const others = ofSentinels.flatMap((envs) => (envs === undefined ? [] : [envs.apiKeyEnv, envs.apiSecretEnv]));
		this.#variables = takeVariables(options.venues, options.environment, [...others, PASSPHRASE_ENV]);
	}

	async keysOf(settings: VenueSettings): Promise<KeysFound> {
		const found = keysOf(settings, this.#variables);
		if (found.kind !== 'missing' || !hasNoVariables(settings, this.#variables)) return found;
		const stored = await this.#stored(settings, found.sentence);
		if (stored.kind === 'found') this.#outOfKeystore.add(settings.name);
		return stored;
	}

	/** A key of its own where the settings name one, or else the engine's: whoever makes that one useless blinds both. */
	async keysOfSentinel(settings: VenueSettings): Promise<{ readonly found: KeysFound; readonly isShared: boolean }> {
		const { sentinelKeyEnvs = this.#options.ofSentinel, sentinelKeyName, name, keyName } = settings;
		const own = sentinelKeyEnvs === undefined ? undefined : { ...settings, ...sentinelKeyEnvs };
		if (own === undefined && sentinelKeyName === undefined) return { found: await this.keysOf(settings), isShared: true };
		const found = own === undefined ? undefined : keysOf(own, this.#variables);
		const isThere = own !== undefined && !hasNoVariables(own, this.#variables);
		if (found !== undefined && (isThere || sentinelKeyName === undefined)) return { found, isShared: false };
		const missing = found?.kind === 'missing' ? found.sentence : `venues.${name}.sentinel_key is not in the keystore`;
		const wanted = { ...settings, keyName: sentinelKeyName ?? keyName };
		return { found: await this.#stored(wanted, missing), isShared: wanted.keyName === keyName };
	}

	/** By its name; `missing` is said where there is none. */
	async #stored(settings: VenueSettings, missing: string): Promise<KeysFound> {
		const file = readKeystore(this.#path);
		if (file.kind === 'none') return withKeystore(missing, settings);
		if (file.kind === 'refused') return file;
		if (this.#keystore === undefined) {
			const opened = Keystore.open(file.text, await passphraseOf({ ...this.#options, variables: this.#variables }));
			if (opened.kind === 'refused') return { kind: 'refused', sentence: `${this.#path}: ${opened.sentence}` };
			this.#keystore = opened.keystore;
		}
		const key = this.#keystore.find(settings.keyName);
		if (key === undefined) return withKeystore(missing, settings);
		if (key.kind !== settings.kind) {
			const sentence = `the key '${settings.keyName}' in the keystore is one of ${key.kind}, and venues.${settings.name} is ${settings.kind}`;
			return { kind: 'refused', sentence };
		}
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
