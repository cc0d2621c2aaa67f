/**
 * The keys of a venue, from the variables of the environment that the settings name. What is wrong is said with the
 * names of the variables, never with what they hold (I19).
 */
import type { VenueSettings } from './config/venue-settings.ts';
import { checkKey } from './find-access.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

export type KeysFound =
	| { readonly kind: 'found'; readonly apiKey: string; readonly apiSecret: string }
	/** One variable or both hold nothing. */
	| { readonly kind: 'missing'; readonly sentence: string }
	| { readonly kind: 'refused'; readonly sentence: string };

/** Where neither variable holds anything. */
export function hasNoVariables({ apiKeyEnv, apiSecretEnv }: VenueSettings, variables: Variables): boolean {
	return [apiKeyEnv, apiSecretEnv].every((name) => (variables[name] ?? '').trim() === '');
}

/**
 * Takes the keys of these venues out of the environment, and gives back what was in it: whoever is started from here on
 * inherits none (SEC12). The system still shows our first environment to the same user.
 */
export function takeVariables(
	venues: readonly VenueSettings[],
	environment: Record<string, string | undefined>,
	others: readonly string[] = [],
): Variables {
	const taken = { ...environment };
	for (const name of [...venues.flatMap(({ apiKeyEnv, apiSecretEnv }) => [apiKeyEnv, apiSecretEnv]), ...others]) {
		delete environment[name];
	}
	return taken;
}

export function keysOf(settings: VenueSettings, variables: Variables): KeysFound {
	const { apiKeyEnv, apiSecretEnv } = settings;
	const apiKey = variables[apiKeyEnv] ?? '';
	const apiSecret = variables[apiSecretEnv] ?? '';
	const missing = [apiKey.trim() === '' ? apiKeyEnv : '', apiSecret.trim() === '' ? apiSecretEnv : ''].filter(
		(name) => name !== '',
	);
	if (missing.length > 0) return { kind: 'missing', sentence: missingSentence(settings, missing) };
	const made = checkKey(settings, { apiKey, apiSecret });
	if (made.kind === 'made') return { kind: 'found', apiKey, apiSecret };
	return { kind: 'refused', sentence: `${made.sentence}; look at ${apiKeyEnv} and ${apiSecretEnv}` };
}

function missingSentence({ apiKeyEnv, environment }: VenueSettings, missing: readonly string[]): string {
	const [one = ''] = missing;
	const what =
		missing.length === 2
			? `the variables ${missing.join(' and ')} are not set: they have to hold the API key and its secret`
			: `the variable ${one} is not set: it has to hold the API ${one === apiKeyEnv ? 'key' : 'secret'}`;
	return environment === 'box' ? `${what}; an exchange in a box prints those of its accounts when it starts` : what;
}
