/** Edits of the configuration file while the whole stack trades in virtual time: recorded, repeated, and nothing is lost. */
import { expect, test } from 'vitest';
import { readConfig } from '../../src/app/config/config.ts';
import { engineSettings } from '../../src/app/config/engine-settings.ts';
import { problemLine } from '../../src/app/config/problem.ts';
import { quotingSettings } from '../../src/app/config/quoting-settings.ts';
import { followSettings } from '../../src/app/reload.ts';
import { ladder } from '../../src/strategy/index.ts';
import { MemoryFile } from '../fixtures/memory-file.ts';
import { openSession, type Session, settle } from '../fixtures/wired.ts';

const NAME = 't.yaml';

function settings({ enabled = true, count = 4, position = 9_000, away = 0.5 }): string {
	return JSON.stringify({
		strategies: [
			{
				name: 'eager',
				symbols: ['BTCUSDT', 'ETHUSDT'],
				params: {
					levels: { count, half_spread_bps: away, step_bps: 0.7 },
					size: { per_level: 600 },
					inventory: { limit: 25_000 },
					edge: { min_edge_bps: -10 },
				},
			},
		],
		async_batch: { enabled },
		strategy: { min_time_in_book_ms: 0, keep_tolerance_ticks: 2 },
		risk: { position_notional_max: position },
	});
}

function known(text: string) {
	const read = readConfig({ file: { name: NAME, text } });
	if (read.kind === 'bad') throw new Error(read.problems.map(problemLine).join('\n'));
	return read;
}

interface Followed {
	readonly session: Session;
	readonly file: MemoryFile;
	readonly said: string[];
	/** Order calls that left since it was asked for last, by how many commands they held. */
	sizes(): readonly number[];
	stop(): Promise<void>;
}

async function followed(seed: number, text = settings({})): Promise<Followed> {
	const start = known(text);
	const sizes: number[] = [];
	const session = await openSession(seed, {
		limitFactor: 20,
		engine: engineSettings(start.config),
		quoting: quotingSettings(start.config).map(({ params, symbols }) => ({ strategy: ladder(params), symbols })),
		listener: ({ way, text: frame }) => {
			if (way === 'out' && frame.includes('"op":"order.')) sizes.push(frame.split('"symbol"').length - 1);
		},
	});
	const { clock, world } = session;
	const file = new MemoryFile(text);
	const said: string[] = [];
	const following = followSettings(
		{ runtime: world.app.runtime, clock },
		{
			file,
			sources: { name: NAME },
			start: { text, known: start },
			onChanged: (changes) => said.push(...changes.map(({ path, to }) => `${path} ${JSON.stringify(to)}`)),
			onRemarked: (warnings) => said.push(...warnings.map(({ path }) => `remark on ${path}`)),
			onRefused: (problems) => said.push(`refused ${problems.map(({ path }) => path).join()}`),
		},
	);
	return {
		session,
		file,
		said,
		sizes: () => sizes.splice(0),
		stop: async () => {
			following[Symbol.dispose]();
			await settle(session);
			session.judge.whenQuiet();
			await world.stop();
			expect(world.openAtVenue().map(({ clientOrderId }) => clientOrderId)).toEqual([]);
		},
	};
}

/** Longer than it takes to be heard, and for the calls of before to leave. */
const HEARD_MS = 600;
/** A system that does not tell would take a second more. */
const TOLD = { isTold: true };

test('batches go off and on again by the file, under load, and venue and engine agree in the end', async () => {
	const { session, file, said, sizes, stop } = await followed(3);
	await session.run(1_500);
	expect(Math.max(...sizes())).toBeGreaterThan(4);
	file.write(settings({ enabled: false }), TOLD);
	await session.run(HEARD_MS);
	sizes();
	await session.run(2_500);
	expect(new Set(sizes())).toEqual(new Set([1]));
	file.write(settings({}), TOLD);
	await session.run(HEARD_MS);
	await session.run(1_500);
	expect(Math.max(...sizes())).toBeGreaterThan(4);
	expect(said).toEqual(['async_batch.enabled false', 'async_batch.enabled true']);
	await stop();
});

test('a limit that is lowered in the file pulls what is too much', async () => {
	// Far enough away to be left alone: many fills on one side would hold the symbol under the new limit (PT14).
	const away = 4;
	const { session, file, said, stop } = await followed(4, settings({ away }));
	const { engine, instruments } = session.world.app;
	await session.run(1_500);
	const worst = (): number =>
		Math.max(
			...instruments.map(({ index }) => {
				const { worstLots, worthOfLot } = engine.orders.exposureOf(index);
				return worstLots * worthOfLot;
			}),
		);
	expect(worst()).toBeGreaterThan(1_500);
	file.write(settings({ position: 1_300, away }), TOLD);
	await session.run(HEARD_MS + 2_500);
	expect(worst()).toBeLessThanOrEqual(1_300 * 1.01);
	expect(engine.openOrders().length).toBeGreaterThan(0);
	expect(said).toEqual(['risk.position_notional_max 1300']);
	await stop();
});

test('an edit is an event of the engine: the same run with the same edit is the same, without it another', async () => {
	const run = async (edit: string | undefined) => {
		const { session, file, said, stop } = await followed(5);
		await session.run(800);
		if (edit !== undefined) file.write(edit, TOLD);
		await session.run(1_500);
		await stop();
		return { trace: session.trace.digest(), wire: session.tap.digest(), said };
	};
	const three = settings({ count: 3 });
	const first = await run(three);
	expect(first.said).toEqual(['strategies.eager.params.levels.count 3']);
	expect(await run(three)).toEqual(first);
	const untouched = await run(undefined);
	expect([untouched.trace, untouched.wire]).not.toContain(first.trace);
	expect(untouched.wire).not.toBe(first.wire);
	// A mistake is none of the engine's business.
	const mistaken = await run(settings({ count: 17 }));
	expect(mistaken).toEqual({ ...untouched, said: ['refused strategies[0].params.levels.count'] });
});
