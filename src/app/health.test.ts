/** What is ready and what is not, in a whole world: the engine's own state and streams that really go down. */
import { expect, test } from 'vitest';
import { openSession, untilStanding } from '../../test/fixtures/wired.ts';
import { healthOf } from './health.ts';

const bad = (health: ReturnType<typeof healthOf>): string[] =>
	health.checks.flatMap(({ name, isGood }) => (isGood ? [] : [name]));

test('ready while it quotes; not while paused, without books, or without streams; and ready again', async () => {
	const session = await openSession(1, { limitFactor: Number.POSITIVE_INFINITY });
	const { world, run } = session;
	const { app } = world;
	await untilStanding(session, 4);
	expect(healthOf(app)).toMatchObject({ isReady: true, atMs: app.runtime.now().wallMs });
	expect(healthOf(app).checks.map(({ name }) => name)).toEqual(['streams of bybit', 'books', 'level', 'symbols']);

	app.runtime.control({ kind: 'pause', scope: { kind: 'all' }, reason: 'lunch' });
	expect(healthOf(app).checks).toContainEqual({ name: 'level', isGood: false, sentence: 'quoting is paused: lunch' });
	expect([healthOf(app).isReady, bad(healthOf(app))]).toEqual([false, ['level']]);
	app.runtime.control({ kind: 'resume', scope: { kind: 'all' } });
	expect(healthOf(app).isReady).toBe(true);

	const muted = { channel: 'ws-public', topic: 'orderbook', forMs: 8_000, count: 1 };
	world.faults.inject('mute-topic', muted);
	await run(5_000);
	expect(bad(healthOf(app))).toEqual(['books']);
	expect(healthOf(app).checks.find(({ name }) => name === 'books')?.sentence).toMatch(/^not trusted: bybit:linear:/);
	await run(20_000);
	expect(healthOf(app).isReady).toBe(true);

	world.faults.inject('refuse-connection', { probability: 1 });
	world.faults.inject('cut-socket', { channel: 'ws-private', count: 1 });
	await run(1_000);
	expect(bad(healthOf(app))).toContain('streams of bybit');

	await world.stop();
	expect(healthOf(app).isReady).toBe(false);
});

test('a symbol that stands still alone is told of, and the rest is ready', async () => {
	const session = await openSession(1, { limitFactor: Number.POSITIVE_INFINITY });
	const { app } = session.world;
	await untilStanding(session, 4);
	const [first] = app.instruments;
	if (first === undefined) throw new Error('no symbol');
	app.runtime.control({ kind: 'pause', scope: { kind: 'instrument', instrument: first.index }, reason: 'lunch' });
	expect(healthOf(app).isReady).toBe(true);
	expect(healthOf(app).checks).toContainEqual({ name: 'symbols', isGood: true, sentence: `held: ${first.id}` });
	await app[Symbol.asyncDispose]();
	expect(healthOf(app).isReady).toBe(false);
});
