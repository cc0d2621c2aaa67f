import { beforeEach, expect, test } from 'vitest';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import { DiskError } from '../../ports/disk.ts';
import { runUntilSettled } from '../../simulation/promise-jobs.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { streamFindings } from '../../venues/bybit/doctor-streams.ts';
import { Credentials } from '../../venues/bybit/sign.ts';
import { environmentUrls } from '../../venues/bybit/urls.ts';
import { clockFinding } from '../../venues/wire/doctor-checks.ts';
import { type Finding, hasProblem } from '../../venues/wire/finding.ts';
import { VenueClock } from '../../venues/wire/venue-clock.ts';
import { type Config, checkWritten } from '../config/config.ts';
import { venueSettings } from '../config/venue-settings.ts';
import { examineVenue } from '../doctor.ts';
import { findAccess } from '../find-access.ts';
import type { ApiKey, VenueAccess } from '../venue-access.ts';
import { followKeys } from './follow-keys.ts';
import { Keystore, type StoredKey } from './keystore.ts';

const rng = seededRng(3);
const chance = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => rng.below(256));
const STORED: StoredKey = { name: 'main', kind: 'bybit', apiKey: 'first-key-AAAA', apiSecret: 'canary-one', savedAtMs: 0 };
const NEXT: StoredKey = { ...STORED, apiKey: 'second-key-BBBB', apiSecret: 'canary-two' };
const THIRD: StoredKey = { ...STORED, apiKey: 'third-key-CCCC', apiSecret: 'canary-three' };
/** One for all tests: each costs some tenths of a second. */
const start = Keystore.fresh('a long passphrase', chance).with(STORED)!;

const ACCOUNT: Finding = { check: 'account', level: 'note', sentence: 'fine', account: 'uid 1' };

let clock: VirtualClock;
let file: string | undefined;
let said: string[];
let looks: string[];
let findings: Record<string, readonly Finding[]>;
let accounts: ReadonlyMap<string, string>;
let access: VenueAccess;
let renewed: string[];

/** Who was told, and of how many findings. */
let taken: (readonly [venue: string, apiKey: string, findingCount: number])[];

beforeEach(() => {
	clock = new VirtualClock(0);
	file = start.seal(chance);
	[said, looks, renewed, taken] = [[], [], [], []];
	findings = { [STORED.apiKey]: [ACCOUNT], [NEXT.apiKey]: [ACCOUNT], [THIRD.apiKey]: [ACCOUNT] };
	accounts = new Map([['bybit', 'uid 1']]);
	const config = checkWritten({
		venues: { bybit: { symbols: ['BTCUSDT'], key: 'main', urls: { rest: 'http://127.0.0.1:4710' } } },
	});
	const [settings] = config === undefined ? [] : venueSettings(config);
	const found = settings === undefined ? undefined : findAccess(settings);
	if (found?.kind !== 'found') throw new Error('the settings of the test are right');
	const real = found.accessWith(STORED);
	access = {
		...real,
		renewKey: (key) => {
			const refused = real.renewKey(key);
			if (refused === undefined) renewed.push(key.apiKey);
			return refused;
		},
	};
});

function follow(): Disposable {
	return followKeys({
		...{ clock, rng, keystore: start, venues: [access], accounts },
		read: () => (file === undefined ? { kind: 'refused', sentence: 'it is gone' } : { kind: 'read', text: file }),
		look: async ({ key }) => {
			looks.push(key?.apiKey ?? '');
			return findings[key?.apiKey ?? ''] ?? [];
		},
		say: (sentence) => said.push(sentence),
		taken: (venue, key, found) => taken.push([venue, key.apiKey, found.length]),
	});
}

function keep(key: StoredKey): void {
	file = start.with(key)?.seal(chance);
}

/** So long that it has been looked at, and everything that follows from it. */
async function pass(): Promise<void> {
	clock.run(2_000);
	for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

async function passes(count: number): Promise<void> {
	for (let done = 0; done < count; done += 1) await pass();
}

test('a new key is tried at the venue, taken, and said', async () => {
	using _following = follow();
	await pass();
	expect(looks).toEqual([]);
	keep(NEXT);
	await pass();
	expect(renewed).toEqual([NEXT.apiKey]);
	expect(taken).toEqual([['bybit', NEXT.apiKey, 1]]);
	expect(looks).toEqual([NEXT.apiKey]);
	expect(said).toEqual(['venues.bybit: key …BBBB is in force from now on; …AAAA can be deleted at the venue']);
	keep(THIRD);
	await pass();
	expect(renewed).toEqual([NEXT.apiKey, THIRD.apiKey]);
	expect(said[1]).toContain('…BBBB can be deleted');
	expect(said.join()).not.toContain('canary');
});

const REFUSED: readonly { name: string; change: () => void; sentence: string }[] = [
	{
		name: 'the venue does not know it',
		change: () => {
			findings[NEXT.apiKey] = [{ check: 'key', level: 'problem', sentence: 'the key is not known' }];
			keep(NEXT);
		},
		sentence: 'venues.bybit: the new key …BBBB is not taken: the key is not known',
	},
	{
		name: 'it is of another account',
		change: () => {
			findings[NEXT.apiKey] = [{ ...ACCOUNT, account: 'uid 2' }];
			keep(NEXT);
		},
		sentence: 'venues.bybit: the new key …BBBB is not taken: it is of another account',
	},
	{
		name: 'nobody says whose it is',
		change: () => {
			findings[NEXT.apiKey] = [{ check: 'key', level: 'ok', sentence: 'the API key is known and its secret fits' }];
			keep(NEXT);
		},
		sentence: 'venues.bybit: the new key …BBBB is not taken: the venue does not say of which account it is; it is tried again',
	},
	{
		name: 'it is of another exchange',
		change: () => keep({ ...NEXT, kind: 'binance' }),
		sentence: 'venues.bybit: the new key …BBBB is not taken: it is a key of binance',
	},
	{
		name: 'it can be no key',
		change: () => {
			findings['has blanks BBBB'] = [ACCOUNT];
			keep({ ...NEXT, apiKey: 'has blanks BBBB' });
		},
		sentence: 'venues.bybit: the new key …BBBB is not taken: the API key is empty or has characters that no key of Bybit has',
	},
	{
		name: 'it is not there any more',
		change: () => {
			file = start.without('main').seal(chance);
		},
		sentence: "venues.bybit: the keystore has no key 'main' any more; the one in force stays",
	},
	{
		name: 'the file is of another passphrase',
		change: () => {
			file = start.under('another passphrase', chance).with(NEXT)?.seal(chance);
		},
		sentence:
			'the keystore has changed and cannot be opened: the passphrase is another one, or the file is spoilt; the keys stay as they are',
	},
	{
		name: 'others may read the file',
		change: () => {
			file = undefined;
		},
		sentence: 'the keystore is not read again: it is gone',
	},
];

test.each(REFUSED)('the key in force stays where $name, and that is said once', async ({ change, sentence }) => {
	using _following = follow();
	change();
	await pass();
	await pass();
	expect(said).toEqual([sentence]);
	expect([renewed, taken]).toEqual([[], []]);
});

test('whose the old key was is not asked of it: it may be deleted by then', async () => {
	findings[STORED.apiKey] = [{ check: 'key', level: 'problem', sentence: 'the key is not known' }];
	findings[NEXT.apiKey] = [{ ...ACCOUNT, account: 'uid 2' }];
	using _following = follow();
	keep(NEXT);
	await pass();
	expect(renewed).toEqual([]);
	expect(said.join()).toContain('it is of another account');
});

test('a key that was replaced while the engine started is taken, and a file that cannot be read then is no hindrance', async () => {
	keep(NEXT);
	let isBroken = true;
	using _following = followKeys({
		...{ clock, rng, keystore: start, venues: [access], accounts, say: (sentence: string) => said.push(sentence) },
		read: () => {
			if (isBroken) throw new DiskError('broken', 'the disk is broken');
			return { kind: 'read', text: file ?? '' };
		},
		look: async () => [ACCOUNT],
	});
	await pass();
	expect(said).toEqual(['the keystore was not followed: the disk is broken']);
	isBroken = false;
	await pass();
	expect(renewed).toEqual([NEXT.apiKey]);
});

function awayTransport(): FakeTransport {
	const transport = new FakeTransport(clock);
	transport.onConnect = (socket) => socket.end();
	return transport;
}

/** What the real checks find where no line goes through. */
const AWAY: readonly { name: string; found: (transport: FakeTransport) => Promise<readonly Finding[]> }[] = [
	{
		name: 'a venue that is away',
		found: (transport) =>
			examineVenue(
				{ config: { risk: { leverage_max: 3 } as Config['risk'] }, access: access.withKey(NEXT), isForTrading: true },
				{ transport, clock, rng },
			),
	},
	{
		name: 'a clock that cannot be measured',
		found: async () => {
			const venueClock = new VenueClock({ venue: 'bybit', clock, sink: () => {} });
			venueClock.start((heard) => clock.after(1, () => heard(undefined)));
			const finding = await clockFinding(venueClock);
			venueClock.stop();
			return [finding];
		},
	},
	{
		name: 'a stream that does not open',
		found: (transport) =>
			streamFindings(
				{
					...{ transport, clock, urls: environmentUrls('testnet'), orderEntry: 'ws', venueNowMs: () => clock.wallMs() },
					credentials: new Credentials(NEXT.apiKey, NEXT.apiSecret),
				},
				['linear'],
			),
	},
];

test.each(AWAY)('$name is no answer of the key: it is tried again, though said once', async ({ found }) => {
	findings[NEXT.apiKey] = await runUntilSettled(clock, found(awayTransport()));
	expect(hasProblem(findings[NEXT.apiKey] ?? [])).toBe(true);
	using _following = follow();
	keep(NEXT);
	await passes(31);
	expect([renewed, said.length]).toEqual([[], 1]);
	expect(looks.length).toBe(2);
	expect(said[0]).toMatch(/^venues.bybit: the new key …BBBB is not taken: .*; it is tried again$/);
	findings[NEXT.apiKey] = [ACCOUNT];
	await passes(45);
	expect(renewed).toEqual([NEXT.apiKey]);
	expect(said.length).toBe(2);
});

test.each(['key', 'account', 'position mode', 'symbols'])('nor is a line that breaks in the middle, at its %s', async (check) => {
	findings[NEXT.apiKey] = [ACCOUNT, { check, level: 'problem', sentence: 'no answer to /v5/…: reset', isPassing: true }];
	using _following = follow();
	keep(NEXT);
	await pass();
	expect(said).toEqual(['venues.bybit: the new key …BBBB is not taken: no answer to /v5/…: reset; it is tried again']);
	findings[NEXT.apiKey] = [ACCOUNT];
	await passes(30);
	expect(renewed).toEqual([NEXT.apiKey]);
});

test('tries become rarer, down to one in ten minutes, and a further key begins anew', async () => {
	findings[NEXT.apiKey] = [{ ...ACCOUNT, level: 'problem', isPassing: true }];
	using _following = follow();
	keep(NEXT);
	const lookedAtMs: number[] = [];
	for (let at = 0; at < 60 * 60_000; at += 2_000) {
		await pass();
		if (looks.length > lookedAtMs.length) lookedAtMs.push(at);
	}
	const apart = lookedAtMs.slice(1).map((atMs, index) => (atMs - (lookedAtMs[index] ?? 0)) / 60_000);
	for (const [index, minutes] of apart.slice(0, 4).entries()) {
		expect(minutes).toBeGreaterThanOrEqual(2 ** index / 2);
		expect(minutes).toBeLessThan(2 ** index / 2 + 0.6);
	}
	expect(apart.slice(5).every((minutes) => Math.abs(minutes - 10) < 0.1)).toBe(true);
	expect(apart.length).toBeGreaterThan(7);
	keep({ ...NEXT, apiSecret: 'canary-four' });
	findings[NEXT.apiKey] = [{ check: 'clock', level: 'problem', sentence: 'off' }];
	looks = [];
	await passes(32);
	expect(looks.length).toBe(2);
});

test('what stands against the key itself is no passing matter, whatever else is away', async () => {
	const away = await runUntilSettled(clock, AWAY[2]!.found(awayTransport()));
	findings[NEXT.apiKey] = [...away, { check: 'permission', level: 'problem', sentence: 'it may only read' }];
	using _following = follow();
	keep(NEXT);
	await passes(31);
	expect(said).toEqual(['venues.bybit: the new key …BBBB is not taken: it may only read']);
	expect(looks.length).toBe(1);
});

test('a sentence that differs by its figures alone is the same one, and another file is spoken of anew', async () => {
	const clockOff = (ms: number): Finding => ({ check: 'clock', level: 'problem', sentence: `the clock is ${ms} ms behind` });
	using _following = follow();
	keep(NEXT);
	for (const ms of [612, 613]) {
		findings[NEXT.apiKey] = [clockOff(ms)];
		await passes(30);
	}
	expect([looks.length, said.length]).toEqual([2, 1]);
	keep(NEXT);
	await pass();
	expect(said.length).toBe(2);
});

test('a venue that cannot be asked is said once, and asked again until it can, ever more rarely', async () => {
	let isAway = true;
	using _following = followKeys({
		...{ clock, rng, keystore: start, venues: [access], accounts, say: (sentence: string) => said.push(sentence) },
		read: () => ({ kind: 'read', text: file ?? '' }),
		look: async ({ key }) => {
			looks.push(key?.apiKey ?? '');
			if (isAway) throw new Error('the network is down');
			return findings[key?.apiKey ?? ''] ?? [];
		},
	});
	keep(NEXT);
	await passes(15);
	expect(looks.length).toBe(1);
	// The second after half a minute to a whole one, the third a minute to one and a half after that, and so on.
	await passes(10 * 30 - 15);
	expect(looks.length).toBeGreaterThanOrEqual(4);
	expect(looks.length).toBeLessThanOrEqual(5);
	expect(said).toEqual(['the keystore was not followed: the network is down']);
	keep(THIRD);
	await pass();
	expect(looks.at(-1)).toBe(THIRD.apiKey);
	expect(said.length).toBe(2);
	isAway = false;
	await passes(31);
	expect(renewed).toEqual([THIRD.apiKey]);
});

test('after the end nothing is read and nothing taken, not even what is being tried', async () => {
	const following = follow();
	keep(NEXT);
	clock.run(2_000);
	following[Symbol.dispose]();
	await pass();
	expect(renewed).toEqual([]);
	keep(THIRD);
	await pass();
	expect(looks).not.toContain(THIRD.apiKey);
});

test('who signs goes over to the new key with the next request', () => {
	const key: ApiKey = STORED;
	const credentials = new Credentials(key.apiKey, key.apiSecret);
	const before = credentials.sign('the same');
	credentials.become(new Credentials(NEXT.apiKey, NEXT.apiSecret));
	expect(credentials.apiKey).toBe(NEXT.apiKey);
	expect(credentials.sign('the same')).toBe(new Credentials(NEXT.apiKey, NEXT.apiSecret).sign('the same'));
	expect(credentials.sign('the same')).not.toBe(before);
});
