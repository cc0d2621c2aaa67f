/** Where the keystore is, and which key the sentinel gets out of it. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkWritten } from '../app/config/config.ts';
import { sentinelSettings } from '../app/config/sentinel-settings.ts';
import { venueSettings } from '../app/config/venue-settings.ts';
import { Keystore } from '../app/keystore/keystore.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { KeyRing, keystorePath } from './key-ring.ts';

const FILE = join('evenkeel', 'keys', 'keystore.json');
const USUAL = join(homedir(), '.config', FILE);

test.each([
	['beside the other settings of the user', {}, USUAL],
	['where the system keeps such settings', { XDG_CONFIG_HOME: '/etc/mine' }, join('/etc/mine', FILE)],
	['nowhere else for a variable that is empty', { XDG_CONFIG_HOME: '' }, USUAL],
	['nor for one that names a place beside wherever we are', { XDG_CONFIG_HOME: 'mine' }, USUAL],
	['where its own variable says', { EVENKEEL_KEYSTORE: '/k.json', XDG_CONFIG_HOME: '/etc/mine' }, '/k.json'],
])('the keystore is %s', (_, environment, path) => {
	expect(keystorePath(environment)).toBe(path);
});

describe('the key of the sentinel', () => {
	const folder = mkdtempSync(join(tmpdir(), 'evenkeel-ring-'));
	afterAll(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'keystore.json');
	const rng = seededRng(5);
	const chance = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => rng.below(256));
	const stored = (name: string) => ({ name, kind: 'bybit', apiKey: `${name}-key`, apiSecret: 'canary', savedAtMs: 0 }) as const;
	const keystore = Keystore.fresh('a long passphrase', chance).with(stored('bybit'))?.with(stored('watch'));
	writeFileSync(path, keystore?.seal(chance) ?? '', { mode: 0o600 });
	chmodSync(folder, 0o700);

	const OWN = { WATCH_KEY: 'watch-variable', WATCH_SECRET: 'canary' };
	const ENGINE = { EVENKEEL_BYBIT_API_KEY: 'engine-variable', EVENKEEL_BYBIT_API_SECRET: 'canary' };
	const NAMED = { sentinel_api_key_env: 'WATCH_KEY', sentinel_api_secret_env: 'WATCH_SECRET' };
	const WHOLE = { api_key_env: 'WATCH_KEY', api_secret_env: 'WATCH_SECRET' };

	interface Case {
		readonly venue?: object;
		readonly sentinel?: object;
		readonly given?: Readonly<Record<string, string>>;
		readonly found: string | RegExp;
		readonly isShared?: boolean;
	}

	test.each<[string, Case]>([
		['is that of its own variables', { venue: NAMED, given: { ...OWN, ...ENGINE }, found: 'watch-variable' }],
		['is that of the variables of all', { sentinel: WHOLE, given: { ...OWN, ...ENGINE }, found: 'watch-variable' }],
		['is its own in the keystore', { venue: { sentinel_key: 'watch' }, given: ENGINE, found: 'watch-key' }],
		[
			'is that, too, where its variables hold none',
			{ venue: { ...NAMED, sentinel_key: 'watch' }, given: ENGINE, found: 'watch-key' },
		],
		['is of its variables before that', { venue: { ...NAMED, sentinel_key: 'watch' }, given: OWN, found: 'watch-variable' }],
		[
			'is none where one of its two variables holds nothing',
			{ venue: { ...NAMED, sentinel_key: 'watch' }, given: { WATCH_KEY: 'x' }, found: /^the variable WATCH_SECRET is not set/ },
		],
		['is never the engine’s where it should have one', { venue: NAMED, given: ENGINE, found: /^the variables WATCH_KEY and / }],
		[
			'is not there under another name',
			{
				venue: { sentinel_key: 'mine' },
				given: ENGINE,
				found: /^venues.bybit.sentinel_key is not in the keystore; .* keys add mine --kind bybit$/,
			},
		],
		['is the engine’s out of its variables where none is named', { given: ENGINE, found: 'engine-variable', isShared: true }],
		['is the engine’s out of the keystore where none is named', { found: 'bybit-key', isShared: true }],
		['is the engine’s where it has the same name', { venue: { sentinel_key: 'bybit' }, found: 'bybit-key', isShared: true }],
	])('%s', async (_, { venue = {}, sentinel = {}, given = {}, found, isShared = false }) => {
		const rest = 'http://127.0.0.1:4710';
		const config = checkWritten({ venues: { bybit: { symbols: ['BTCUSDT'], urls: { rest }, ...venue } }, sentinel });
		if (config === undefined) throw new Error('the settings of the test are right');
		const environment: Record<string, string | undefined> = {
			...given,
			...{ EVENKEEL_KEYSTORE: path, EVENKEEL_PASSPHRASE: 'a long passphrase', PATH: '/bin' },
		};
		const venues = venueSettings(config);
		const ring = new KeyRing({ venues, ofSentinel: sentinelSettings(config).keyEnvs, environment });
		const keys = await ring.keysOfSentinel(venues[0]!);
		expect(keys.isShared).toBe(isShared);
		const said = keys.found.kind === 'found' ? keys.found.apiKey : keys.found.sentence;
		expect(said).toEqual(typeof found === 'string' ? found : expect.stringMatching(found));
		expect(JSON.stringify(environment), 'whoever is started from here on inherits none').not.toMatch(/canary|passphrase/);
	});
});
