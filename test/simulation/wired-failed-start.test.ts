/** A start that fails after it has met the venue: what the run before left must not stay behind (STOP1, I4). */
import { expect, test } from 'vitest';
import type { Socket, Transport } from '../../src/network/transport.ts';
import { openSession, tradingAt, untilStanding } from '../fixtures/wired.ts';
import { endInAgreement, recovered, revive } from '../fixtures/wired-restart.ts';

const NEVER_OPEN: Socket = { bufferedBytes: 0, send: () => false, ping: () => {}, close: () => {}, terminate: () => {} };

test.each([
	['bybit', '/public/'],
	['binance-futures', '/public'],
	['binance-spot', '/stream'],
] as const)('at %s: cancels what was left, says a true good-bye, and the next start quotes', async (trades, deafTo) => {
	let isDeaf = false;
	const deaf = (transport: Transport): Transport => ({
		request: (call, heard) => transport.request(call, heard),
		connect: (target, handler) => (isDeaf && target.url.includes(deafTo) ? NEVER_OPEN : transport.connect(target, handler)),
		warm: (origin, pool, connections) => transport.warm(origin, pool, connections),
		pools: () => transport.pools(),
		[Symbol.asyncDispose]: async () => await transport[Symbol.asyncDispose](),
	});
	const session = await openSession(1, { ...tradingAt(trades), limitFactor: Number.POSITIVE_INFINITY, saboteur: deaf });
	const { world } = session;
	await session.run(2_000);
	await untilStanding(session, 5);
	expect(world.openAtVenue().length).toBeGreaterThan(4);
	world.crash('process');

	isDeaf = true;
	await session.run(100);
	let troubles: readonly string[] | undefined;
	void world.restart().then((said) => {
		troubles = said;
	});
	await world.runWhile(() => {
		session.judge.look();
		return troubles === undefined;
	});
	expect(troubles).toHaveLength(1);
	expect(world.openAtVenue()).toEqual([]);

	isDeaf = false;
	await revive(session, 100);
	expect(world.life.beginning?.recovered.orders).toEqual([]);
	expect(world.life.beginning?.read.records.filter(({ kind }) => kind === 'stopped')).toMatchObject([{ left: [] }]);
	await recovered(session);
	await session.run(3_000);
	await untilStanding(session, 5);
	expect(world.openAtVenue().length).toBeGreaterThan(4);
	await endInAgreement(session);
});
