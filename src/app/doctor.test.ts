/**
 * What a doctor says of a real box over loopback sockets, and that a session which would begin there is refused with the
 * same sentences before any order. What each check finds in which answer is tested beside the adapter.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { tempPlace } from '../../test/fixtures/data-place.ts';
import { control, openRealBox } from '../../test/fixtures/real-box.ts';
import { USUAL_RIGHTS } from '../exchange/key-rights.ts';
import type { Finding } from '../venues/wire/finding.ts';
import type { Box } from './box.ts';
import type { StartingAccount } from './box-choices.ts';
import { type Config, checkWritten } from './config/config.ts';
import { type VenueSettings, venueSettings } from './config/venue-settings.ts';
import { lookAtVenue } from './doctor.ts';
import { findAccess } from './find-access.ts';
import { keysOf } from './keys.ts';
import { openTrading, type TradingOpened } from './trading.ts';
import type { VenueAccess } from './venue-access.ts';

const toDispose: AsyncDisposable[] = [];
const toRemove: Disposable[] = [];
const bugs: unknown[] = [];

afterEach(async () => {
	for (const each of toDispose.splice(0).reverse()) await each[Symbol.asyncDispose]();
	for (const each of toRemove.splice(0)) each[Symbol.dispose]();
	expect(bugs).toEqual([]);
});

interface Given {
	/** Of the entry `venues.mine`, over one that is right. */
	readonly venue?: object;
	readonly key?: string;
	readonly secret?: string;
	/** Asked of the control API first: method, path and body. */
	readonly controls?: readonly (readonly [line: string, body: object])[];
	readonly isGone?: boolean;
	/** Instead of alice with the usual rights. */
	readonly accounts?: readonly StartingAccount[];
}

interface Scene {
	readonly box: Box;
	readonly config: Config;
	readonly settings: VenueSettings;
	readonly variables: Readonly<Record<string, string>>;
}

async function sceneOf({ venue = {}, key, secret, controls = [], isGone = false, accounts }: Given): Promise<Scene> {
	const box = await openRealBox(bugs, accounts === undefined ? {} : { accounts });
	toDispose.push(box);
	const [alice] = box.listening.accounts;
	if (alice === undefined) throw new Error('the box has no account');
	const entry = { symbols: ['BTCUSDT'], urls: { rest: box.listening.bybit.rest }, ...venue };
	const config = checkWritten({ venues: { mine: entry }, telemetry: { metrics_port: 0 } });
	if (config === undefined) throw new Error('the configuration of the test is wrong');
	const [settings] = venueSettings(config);
	if (settings === undefined) throw new Error('there is one venue');
	for (const [line, body] of controls) await control(box, line, body);
	if (isGone) await box[Symbol.asyncDispose]();
	const variables = { EVENKEEL_MINE_API_KEY: key ?? alice.apiKey, EVENKEEL_MINE_API_SECRET: secret ?? alice.apiSecret };
	return { box, config, settings, variables };
}

function accessOf({ settings, variables }: Scene): VenueAccess {
	const keys = keysOf(settings, variables);
	if (keys.kind !== 'found') throw new Error(keys.sentence);
	const found = findAccess(settings);
	if (found.kind === 'refused') throw new Error(found.sentence);
	return found.accessWith(keys);
}

function doctor(scene: Scene): Promise<readonly Finding[]> {
	return lookAtVenue({ config: scene.config, access: accessOf(scene), isForTrading: false });
}

async function begin(scene: Scene): Promise<TradingOpened> {
	const data = tempPlace();
	const silent = { onNote: () => {}, onTrouble: () => {} };
	const opened = await openTrading({ config: scene.config, venues: [accessOf(scene)], data, ...silent });
	if (opened.kind === 'open') toDispose.push(opened.trading);
	toRemove.push(data);
	return opened;
}

function sentencesOf(findings: readonly Finding[], wanted: Finding['level']): readonly string[] {
	return findings.filter(({ level }) => level === wanted).map(({ sentence }) => sentence);
}

/** Everything that ever went over the wire to order entry. */
async function orderCallsTo(box: Box): Promise<number> {
	const tap = JSON.stringify(await control(box, 'GET /v1/tap?limit=10000'));
	return tap.match(/order[./](create|amend|cancel)/g)?.length ?? 0;
}

const KEY = 'POST /v1/accounts/alice/key';
const clockOff = (offsetMs: number): readonly (readonly [line: string, body: object])[] => [
	['POST /v1/faults', { name: 'venue-clock', parameters: { offsetMs } }],
];

test('of a healthy account there is no bad news, and trading can begin there', async () => {
	const scene = await sceneOf({});
	const findings = await doctor(scene);
	expect(sentencesOf(findings, 'problem')).toEqual([]);
	expect(findings.map(({ check }) => check)).toEqual([
		...['reachable', 'clock', 'key', 'permission', 'withdrawal', 'addresses', 'expiry', 'rate limits', 'account', 'margin'],
		...['position mode', 'leverage', 'disconnect protection', 'symbols', 'fees'],
		...['public stream', 'private stream', 'trade stream'],
	]);
	const opened = await begin(scene);
	if (opened.kind === 'refused') throw new Error(opened.sentences.join('\n'));
	expect(opened.trading.warnings).toEqual([
		'venues.mine: the API key works from any address: bind it to the address of this machine',
	]);
});

describe('one plain sentence, before any order', () => {
	test.each<[string, Given, RegExp]>([
		['a wrong key', { key: 'someOtherKey' }, /^the exchange in a box does not know this API key: take one that it printed/],
		['a wrong secret', { secret: 'canaryOfTheSecret' }, /^the API secret does not belong to the API key/],
		[
			'a clock that is 10 s behind',
			{ controls: clockOff(10_000) },
			/^the clock of this machine is 10\.0 s behind the venue's: set it/,
		],
		[
			'a clock that is 10 s ahead',
			{ controls: clockOff(-10_000) },
			/^the clock of this machine is 10\.0 s ahead of the venue's: set it/,
		],
		[
			'an unknown symbol',
			{ venue: { symbols: ['BTCUSTD'] } },
			/^Bybit has no symbol "BTCUSTD" in category linear; did you mean BTCUSDT\?$/,
		],
		[
			'a symbol of another category',
			{ venue: { symbols: ['BTCUSD'] } },
			/^BTCUSD is no symbol of category linear; there is one in category inverse/,
		],
		[
			'a symbol that does not trade',
			{ controls: [['POST /v1/symbols/BTCUSDT/status', { status: 'halted' }]] },
			/^BTCUSDT is listed in category linear but not trading/,
		],
		[
			'a key that may only read',
			{ controls: [[KEY, { readOnly: true }]] },
			/^the API key may only read: make one that may also trade$/,
		],
		[
			'a key without contracts',
			{ controls: [[KEY, { contracts: false }]] },
			/^the API key may not trade linear: it lacks the permission/,
		],
		[
			'a key for another address',
			{ controls: [[KEY, { address: '203.0.113.7' }]] },
			/^this machine is not on the address list of the API key/,
		],
		[
			'hedge mode',
			{ controls: [['POST /v1/accounts/alice/position-mode', { symbol: 'BTCUSDT', mode: 'hedge' }]] },
			/^in hedge mode: BTCUSDT; switch to one-way mode/,
		],
		['nobody there', { isGone: true }, /^127\.0\.0\.1:\d+ cannot be reached: start the exchange in a box there/],
	])('%s', async (_name, given, sentence) => {
		const scene = await sceneOf(given);
		const findings = await doctor(scene);
		const problems = sentencesOf(findings, 'problem');
		expect(problems).toEqual([expect.stringMatching(sentence)]);
		const opened = await begin(scene);
		if (opened.kind === 'open') throw new Error('a session began all the same');
		const port = /127\.0\.0\.1:\d+/g;
		const plain = (text: string): string => text.replaceAll(port, 'there').replaceAll(/\d+ ms|\d+\.\d s/g, 'so far');
		expect(opened.sentences.map(plain)).toEqual(
			problems.map((problem) =>
				plain(
					`${findings.some(({ check, level }) => check === 'key' && level === 'problem') ? 'venues.mine (key of EVENKEEL_MINE_API_KEY)' : 'venues.mine'}: ${problem}`,
				),
			),
		);
		expect(JSON.stringify([findings, opened.sentences])).not.toMatch(
			new RegExp(`canary|someOtherKey|${secretsOf(scene).join('|')}`),
		);
		if (given.isGone !== true) expect(await orderCallsTo(scene.box)).toBe(0);
	});
});

function secretsOf({ box }: Scene): readonly string[] {
	return box.listening.accounts.flatMap(({ apiKey, apiSecret }) => [apiKey, apiSecret]);
}

test('an account of the box may begin with a key of few rights, and has them again after a reset', async () => {
	const key = { ...USUAL_RIGHTS, readOnly: true };
	const scene = await sceneOf({ accounts: [{ name: 'alice', balances: { USDT: '1000' }, key }] });
	const problems = async (): Promise<readonly string[]> => sentencesOf(await doctor(scene), 'problem');
	expect(await problems()).toEqual([expect.stringMatching(/^the API key may only read/)]);
	await control(scene.box, KEY, {});
	expect(await problems()).toEqual([]);
	await control(scene.box, 'POST /v1/reset');
	expect(await problems()).toHaveLength(1);
});

describe('a key that can withdraw money', () => {
	const withdraws: Given = { controls: [[KEY, { withdraw: true, address: '127.0.0.1' }]] };
	const DANGER = 'the API key can withdraw money, which a trading program never needs';

	test('is warned of by the doctor, and no session begins with it', async () => {
		const scene = await sceneOf(withdraws);
		const findings = await doctor(scene);
		expect(sentencesOf(findings, 'problem')).toEqual([]);
		expect(sentencesOf(findings, 'warning')).toEqual([expect.stringContaining(DANGER)]);
		expect(await begin(scene)).toEqual({
			kind: 'refused',
			sentences: [
				`venues.mine: ${DANGER}: take the right away, or set accept_withdrawal_right, without which nothing is traded with it`,
			],
		});
	});

	test('is taken where the settings accept it, with a warning', async () => {
		const opened = await begin(await sceneOf({ ...withdraws, venue: { accept_withdrawal_right: true } }));
		if (opened.kind === 'refused') throw new Error(opened.sentences.join('\n'));
		expect(opened.trading.warnings).toEqual([`venues.mine: ${DANGER}; accept_withdrawal_right lets it pass`]);
	});
});

test('keys come from the variables that the settings name, and what is wrong is said without what they hold', async () => {
	const { settings, variables } = await sceneOf({ venue: { api_key_env: 'MY_KEY', api_secret_env: 'MY_SECRET' } });
	const printed = '; an exchange in a box prints those of its accounts when it starts';
	expect(keysOf(settings, variables)).toEqual({
		kind: 'missing',
		sentence: `the variables MY_KEY and MY_SECRET are not set: they have to hold the API key and its secret${printed}`,
	});
	expect(keysOf(settings, { MY_KEY: 'canary', MY_SECRET: ' ' })).toEqual({
		kind: 'missing',
		sentence: `the variable MY_SECRET is not set: it has to hold the API secret${printed}`,
	});
	expect(keysOf(settings, { MY_SECRET: 'canary' })).toMatchObject({
		sentence: `the variable MY_KEY is not set: it has to hold the API key${printed}`,
	});
	expect(keysOf({ ...settings, environment: 'testnet' }, { MY_KEY: 'k' })).toMatchObject({
		sentence: 'the variable MY_SECRET is not set: it has to hold the API secret',
	});
	const refused = keysOf(settings, { MY_KEY: 'canary with blanks', MY_SECRET: 'canary' });
	expect(refused).toEqual({
		kind: 'refused',
		sentence: 'the API key is empty or has characters that no key of Bybit has; look at MY_KEY and MY_SECRET',
	});
	expect(keysOf(settings, { MY_KEY: 'k', MY_SECRET: 's' })).toEqual({ kind: 'found', apiKey: 'k', apiSecret: 's' });
});
