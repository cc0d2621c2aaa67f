/** The command as a process: what it prints, how it ends, and what it says to somebody who mistypes. */
import { describe, expect, test } from 'vitest';
import { parseLatency } from '../app/config/duration.ts';
import { FREE, listening, start } from './exchange.suite.ts';
import { overridesOf } from './exchange.ts';
import { UsageError } from './usage-error.ts';

test('prints one line when it listens, answers, and ends with 0 on SIGTERM', async () => {
	const running = start(...FREE, '--seed', '7', '--symbols', 'BTCUSDT', '--extra-symbols', '2', '--latency', '10ms±5', '--json');
	const { bybit, control, accounts } = await listening(running);
	expect(bybit.public.linear).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/v5\/public\/linear$/);
	expect(accounts.map(({ name }) => name)).toEqual(['alice', 'bob']);
	expect((await fetch(`${bybit.rest}/v5/market/time`)).status).toBeGreaterThan(0);
	expect((await fetch(`${control.url}/v1/state`)).status).toBe(401);
	const state = await fetch(`${control.url}/v1/state`, { headers: { authorization: `Bearer ${control.token}` } });
	expect(await state.json()).toMatchObject({ symbols: ['BTCUSDT', 'spot:BTCUSDT', 'SYN001USDT', 'SYN002USDT'] });
	running.child.kill('SIGTERM');
	expect(await running.ended).toBe(0);
	expect(running.output.stdout.match(/\n/g)).toHaveLength(1);
	expect(running.output.stderr).toBe('');
});

test('speaks Binance on a port of its own where one is asked for', async () => {
	const running = start(...FREE, '--binance-port', '0', '--symbols', 'BTCUSDT', '--market', 'quiet', '--json');
	const { binance } = await listening(running);
	for (const path of ['/api/v3/time', '/fapi/v1/time']) {
		const reply = await fetch(`${binance?.futures.rest}${path}`);
		expect(await reply.json()).toEqual({ serverTime: expect.any(Number) as unknown });
	}
	expect(new URL(binance?.spot.wsApi ?? '').pathname).toBe('/ws-api/v3');
	running.child.kill('SIGTERM');
	expect(await running.ended).toBe(0);
});

test('wrong use is one line and exit code 2', async () => {
	const running = start('--market', 'wild');
	expect(await running.ended).toBe(2);
	expect(running.output).toEqual({
		stdout: '',
		stderr: "evenkeel: --market is 'wild', expected one of synthetic, quiet, none\n",
	});
});

describe('flags', () => {
	test('go before the configuration, each in its place', () => {
		const flags = {
			bybitPort: '0',
			binancePort: '1',
			seed: '7',
			symbols: 'BTCUSDT, ETHUSDT,BTCUSDT',
			latency: '10ms±5',
			faults: 'seed:3',
		};
		expect(overridesOf(flags).map(({ path, value }) => [path.join('.'), value])).toEqual([
			['box.bybit_port', 0],
			['box.binance_port', 1],
			['box.seed', 7],
			['box.symbols', ['BTCUSDT', 'ETHUSDT']],
			['box.latency', '10ms±5'],
			['box.faults', { seed: 3 }],
		]);
		expect(overridesOf({ faults: './seed:3' }).map(({ place, value }) => [place, value])).toEqual([
			[{ kind: 'flag', flag: '--faults' }, './seed:3'],
		]);
		expect(overridesOf({})).toEqual([]);
		// Both free: no clash.
		expect(overridesOf({ bybitPort: '0', controlPort: '0' })).toHaveLength(2);
	});

	test.each([
		[{ bybitPort: '70000' }, "--bybit-port is '70000', expected a whole number from 0 to 65535"],
		[{ controlPort: 'x' }, "--control-port is 'x', expected a whole number from 0 to 65535"],
		[{ bybitPort: '5000', controlPort: '5000' }, 'are both 5000; give one of them another port'],
		[{ binancePort: '5000', controlPort: '5000' }, '--binance-port and --control-port are both 5000'],
		[{ bybitPort: '5000', binancePort: '5000' }, '--bybit-port and --binance-port are both 5000'],
		[{ seed: '-1' }, "--seed is '-1', expected a whole number from 0 to 9007199254740991"],
		[{ market: 'wild' }, "--market is 'wild', expected one of synthetic, quiet, none"],
		[{ symbols: 'BTCUSDT,DOGE' }, "--symbols has 'DOGE', expected some of BTCUSDT, ETHUSDT"],
		[{ latency: 'fast' }, "--latency is 'fast', expected a round trip"],
		[{ faults: 'seed:x' }, "the seed of --faults is 'x', expected a whole number"],
	])('that are wrong are refused in a sentence: %j', (flags, sentence) => {
		expect(() => overridesOf(flags)).toThrow(UsageError);
		expect(() => overridesOf(flags)).toThrow(sentence);
	});
});

test.each([
	['40ms', { roundTripMs: 40, jitterMs: 0 }],
	['40ms±5', { roundTripMs: 40, jitterMs: 5 }],
	['40ms±5ms', { roundTripMs: 40, jitterMs: 5 }],
	['0.5s+-2.5', { roundTripMs: 500, jitterMs: 2.5 }],
	['0ms', { roundTripMs: 0, jitterMs: 0 }],
	['40', undefined],
	['40ms±', undefined],
	['40ms±41', undefined],
	['40ms±5±5', undefined],
	['61s', undefined],
	['', undefined],
])('--latency %s', (text, expected) => {
	expect(parseLatency(text)).toEqual(expected);
});
