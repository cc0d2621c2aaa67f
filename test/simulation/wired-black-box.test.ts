/** What a kill leaves on the disk of a whole world, and that a disk which takes nothing does not hold it up (KL4). */
import { expect, test } from 'vitest';
import type { BlackBoxFile } from '../../src/app/black-box.ts';
import { BLACK_BOX_FOLDER } from '../../src/app/wired-life.ts';
import { WIRED_TRADES, type WiredTrades } from '../../src/app/wired-places.ts';
import { openSession, type Session, tradingAt, untilStanding } from '../fixtures/wired.ts';

const REPLAY = 'npm run test:sim -- --seeds 1 --minutes 2 --seed 3';

async function killed(isDiskFull: boolean, trades: WiredTrades = 'bybit'): Promise<Session> {
	const session = await openSession(3, { ...tradingAt(trades), replayCommand: REPLAY });
	await session.run(4_000);
	await untilStanding(session, 5);
	const { world } = session;
	expect(world.openAtVenue().length).toBeGreaterThan(4);
	if (isDiskFull) world.disk.behaviour = { ...world.disk.behaviour, failure: () => 'full' };
	world.app.runtime.control({ kind: 'shutGate', reason: 'by hand' });
	session.judge.kill('by hand');
	await session.run(5_000);
	return session;
}

async function boxesOf({ world: { disk } }: Session): Promise<readonly BlackBoxFile[]> {
	const names = await disk.list(BLACK_BOX_FOLDER);
	return await Promise.all(
		names.map(async (name) => {
			const bytes = await disk.read(`${BLACK_BOX_FOLDER}/${name}`);
			return JSON.parse(Buffer.from(bytes ?? []).toString()) as BlackBoxFile;
		}),
	);
}

test.each(WIRED_TRADES)(
	'at %s, a kill is found on the disk: why, who, in which state, after what, and how to see it again',
	async (trades) => {
		const session = await killed(false, trades);
		const boxes = await boxesOf(session);
		expect(boxes).toEqual([
			expect.objectContaining({
				reason: 'by hand',
				at: expect.stringMatching(/^2026-01-01T00:00:\d{2}\.\d{3}Z$/) as string,
				command: REPLAY,
				run: { runTag: session.world.life.beginning?.runTag, mode: 'sim', build: 'simulation', settings: 'simulation' },
			}),
		]);
		const { state = [], events = [] } = boxes[0] ?? {};
		expect(state[0]).toBe('level kill: by hand');
		expect(state.filter((line) => line.includes('cancelling')).length).toBeGreaterThan(4);
		expect(events.length).toBeGreaterThan(200);
		expect(events.some((line) => line.includes('"shutGate"'))).toBe(true);
		expect(session.world.openAtVenue()).toEqual([]);
	},
);

test('the same seed leaves the same file', async () => {
	const [one, same] = [await boxesOf(await killed(false)), await boxesOf(await killed(false))];
	expect(one.length).toBe(1);
	expect(same).toEqual(one);
});

test('a disk that takes nothing holds no kill up', async () => {
	const session = await killed(true);
	expect(await boxesOf(session)).toEqual([]);
	expect([session.world.openAtVenue(), session.world.app.engine.levels.level]).toEqual([[], 'kill']);
});

test('an orderly end leaves none', async () => {
	const session = await openSession(3);
	await session.run(2_000);
	await session.world.stop();
	expect(await boxesOf(session)).toEqual([]);
});
