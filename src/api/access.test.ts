import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { Access } from './access.ts';

const TOKENS = { viewer: 'v'.repeat(43), operator: 'o'.repeat(43), admin: 'a'.repeat(43) };
const HERE = '127.0.0.1';
const THERE = '127.0.0.2';

function opened() {
	const clock = new VirtualClock(0);
	let count = 0;
	const access = new Access({ clock, tokens: TOKENS, secret: () => `secret-${++count}`, cookieName: () => 'evenkeel-1' });
	const shows = (token: string, address = HERE, isUrgent = false) =>
		access.identify({ address, authorization: `Bearer ${token}`, cookie: undefined }, { isUrgent });
	const comes = (cookie: string, address = HERE) =>
		access.identify({ address, authorization: undefined, cookie: `other=1; evenkeel-1=${cookie}` });
	const bad = (count: number, address = HERE) => {
		for (let index = 0; index < count; index++) expect(() => shows('x'.repeat(43), address)).toThrow('none that holds');
	};
	const until = (atMs: number) => clock.run(atMs - clock.monotonicMs());
	return { access, shows, comes, bad, until };
}

describe('tokens', () => {
	test.each(['viewer', 'operator', 'admin'] as const)('the one of the %s says who it is', (role) => {
		expect(opened().shows(TOKENS[role])).toEqual({ name: `${role} token`, role, session: undefined });
	});

	test('anything else is nobody', () => {
		const { access, shows } = opened();
		for (const text of ['', 'a', 'a'.repeat(42), 'a'.repeat(44), 'A'.repeat(43), `${TOKENS.admin} `]) {
			expect(() => shows(text)).toThrow('none that holds');
		}
		expect(() => access.identify({ address: HERE, authorization: TOKENS.admin, cookie: undefined })).toThrow('none that holds');
		expect(() => access.identify({ address: THERE, authorization: undefined, cookie: undefined })).toThrow('is needed');
	});
});

describe('ten bad tokens in a minute (SEC6)', () => {
	test('lock the address for a minute, and no other', () => {
		const { shows, bad, until } = opened();
		bad(10);
		expect(() => shows(TOKENS.admin)).toThrow('too many bad tokens');
		expect(shows(TOKENS.admin, THERE).role).toBe('admin');
		until(59_999);
		expect(() => shows(TOKENS.admin)).toThrow('too many bad tokens');
		until(60_001);
		expect(shows(TOKENS.admin).role).toBe('admin');
	});

	test('are ten, and not fewer', () => {
		const { shows, bad } = opened();
		bad(9);
		expect(shows(TOKENS.admin).role).toBe('admin');
	});

	test('are those of one minute', () => {
		const { shows, bad, until } = opened();
		bad(9);
		until(60_001);
		bad(9);
		expect(shows(TOKENS.admin).role).toBe('admin');
	});

	test('keep no kill from a good token, and help no bad one', () => {
		const { shows, bad } = opened();
		bad(10);
		expect(shows(TOKENS.operator, HERE, true).role).toBe('operator');
		expect(() => shows('x', HERE, true)).toThrow('none that holds');
	});

	test('keep nobody out who is logged in', () => {
		const { access, comes, bad } = opened();
		const { cookie } = access.login({ address: HERE, token: TOKENS.operator });
		bad(10);
		expect(comes(cookie).role).toBe('operator');
		expect(() => access.login({ address: HERE, token: TOKENS.operator })).toThrow('too many bad tokens');
	});

	test('are counted for log-ins as well', () => {
		const { access } = opened();
		for (let index = 0; index < 10; index++) expect(() => access.login({ address: HERE, code: 'x' })).toThrow('does not hold');
		expect(() => access.login({ address: HERE, code: access.makeCode() })).toThrow('too many bad tokens');
	});

	test('are remembered of a thousand addresses, the last ones', () => {
		const { shows, bad } = opened();
		bad(10, 'first');
		for (let index = 0; index < 1_000; index++) bad(1, `address ${index}`);
		expect(shows(TOKENS.admin, 'first').role).toBe('admin');
	});
});

describe('a code', () => {
	test('logs in once', () => {
		const { access, comes } = opened();
		const code = access.makeCode();
		const session = access.login({ address: HERE, code });
		expect(comes(session.cookie)).toMatchObject({ role: 'admin', name: 'browser 1' });
		expect(() => access.login({ address: HERE, code })).toThrow('does not hold');
	});

	test('logs in within a minute', () => {
		const { access, until } = opened();
		const [early, late] = [access.makeCode(), access.makeCode()];
		until(59_999);
		expect(access.login({ address: HERE, code: early }).role).toBe('admin');
		until(60_000);
		expect(() => access.login({ address: HERE, code: late })).toThrow('does not hold');
	});
});

describe('a log-in', () => {
	test('ends when one logs out, and after twelve hours', () => {
		const { access, comes, until } = opened();
		const [one, two] = [1, 2].map(() => access.login({ address: HERE, token: TOKENS.viewer }));
		if (one === undefined || two === undefined) throw new Error('two were asked for');
		access.logout(one);
		expect(access.isOpen(one)).toBe(false);
		expect(() => comes(one.cookie)).toThrow('none that holds');
		until(12 * 3_600_000 - 1);
		expect(comes(two.cookie).role).toBe('viewer');
		until(12 * 3_600_000);
		expect(() => comes(two.cookie)).toThrow('none that holds');
		expect(access.isOpen(two)).toBe(false);
	});

	test('is one of fifty: the first goes', () => {
		const { access, comes } = opened();
		const all = Array.from({ length: 51 }, () => access.login({ address: HERE, token: TOKENS.viewer }).cookie);
		expect(() => comes(all[0] ?? '')).toThrow('none that holds');
		expect(comes(all[1] ?? '').role).toBe('viewer');
	});

	test('is not that of another engine on this host', () => {
		const { access } = opened();
		const { cookie } = access.login({ address: HERE, token: TOKENS.admin });
		expect(access.recall(`evenkeel-2=${cookie}`)).toBeUndefined();
		expect(access.recall(`evenkeel-1=${cookie}`)).toBeDefined();
	});
});
