/** Settings that are changed while the whole stack trades in virtual time: laid over, refused, saved, and overtaken by the file. */
import { expect, test } from 'vitest';
import { MemoryFile } from '../../../test/fixtures/memory-file.ts';
import { openSession, type Session } from '../../../test/fixtures/wired.ts';
import { ladder } from '../../strategy/index.ts';
import { readConfig } from '../config/config.ts';
import { engineSettings } from '../config/engine-settings.ts';
import { LiveSettings } from '../config/live-settings.ts';
import type { Overlay } from '../config/overlay.ts';
import { quotingSettings } from '../config/quoting-settings.ts';
import { followSettings } from '../reload.ts';
import { PHRASES } from './contract.ts';
import { SettingsDesk } from './settings-desk.ts';

const NAME = 't.yaml';
const TEXT = `# what we quote
strategies:
  - name: eager # the eager one
    symbols: [BTCUSDT, ETHUSDT]
    params:
      levels: { count: 4, half_spread_bps: 0.5, step_bps: 0.7 }
      edge: { min_edge_bps: -10 }
risk:
  position_notional_max: 9000 # not more
strategy: { min_time_in_book_ms: 0, keep_tolerance_ticks: 2 }
`;

interface Scene {
	readonly session: Session;
	readonly desk: SettingsDesk;
	readonly live: LiveSettings;
	readonly file: MemoryFile;
	readonly kept: Overlay[];
	readonly said: string[];
	/** Where there is one, a write lasts until it is resolved, with a sentence where the disk did not take it. */
	readonly disk: { writing?: PromiseWithResolvers<string | undefined> };
	patch(set: Readonly<Record<string, unknown>>, more?: { phrase?: string; save?: boolean }): ReturnType<SettingsDesk['patch']>;
	end(): Promise<void>;
}

const ADMIN = { name: 'anna', role: 'admin', from: 'a test' } as const;

async function open(seed = 3): Promise<Scene> {
	const start = known(TEXT);
	const session = await openSession(seed, {
		isHashed: false,
		engine: engineSettings(start.config),
		quoting: quotingSettings(start.config).map(({ params, symbols }) => ({ strategy: ladder(params), symbols })),
	});
	const { clock, world } = session;
	const file = new MemoryFile(TEXT);
	const live = new LiveSettings(start);
	const kept: Overlay[] = [];
	const said: string[] = [];
	const disk: Scene['disk'] = {};
	const following = followSettings(
		{ runtime: world.app.runtime, clock, settings: live },
		{
			file,
			sources: { name: NAME },
			start: { text: TEXT, known: start },
			onChanged: () => {},
			onRemarked: () => {},
			onRefused: () => {},
		},
	);
	const desk = new SettingsDesk({
		app: world.app,
		live,
		keep: async (overlay) => {
			kept.push(overlay);
			return await disk.writing?.promise;
		},
		say: (sentence) => said.push(sentence),
		file: { name: NAME, text: () => file.text(), replace: (text) => file.replace(text) },
	});
	return {
		...{ session, desk, live, file, kept, said, disk },
		patch: async (set, { phrase, save = false } = {}) =>
			await desk.patch({ set, save, ...(phrase === undefined ? {} : { phrase }) }, ADMIN),
		end: async () => {
			following[Symbol.dispose]();
			await world.stop();
		},
	};
}

function known(text: string) {
	const read = readConfig({ file: { name: NAME, text } });
	if (read.kind === 'bad') throw new Error(JSON.stringify(read.problems));
	return read;
}

test('a stricter limit and a parameter are in force at once, written down, and told with who did it', async () => {
	const { desk, kept, patch, session, end } = await open();
	const { engine } = session.world.app;
	const done = await patch({ 'risk.position_notional_max': 8_000, 'strategies.eager.params.levels.count': 2 });
	if (done.kind === 'refused') throw new Error(done.sentence);
	expect(done.changes).toContain('risk.position_notional_max: 9000 -> 8000, now');
	expect(engine.gate.limits.positionNotionalMax).toBe(8_000);
	expect(engine.quoters[0]?.strategy.params).toMatchObject({ levels: { count: 2 } });
	expect(desk.view().overlay).toEqual({ 'risk.position_notional_max': 8_000, 'strategies.eager.params.levels.count': 2 });
	expect(kept.at(-1)).toEqual([
		{ path: 'risk.position_notional_max', value: 8_000, was: 9_000 },
		{ path: 'strategies.eager.params.levels.count', value: 2, was: 4 },
	]);
	const more = await desk.strategyParams({ strategy: 'eager', set: { 'levels.count': 3 }, save: false }, ADMIN);
	expect(more).toMatchObject({ kind: 'done', changes: ['strategies.eager.params.levels.count: 2 -> 3, now'] });
	await end();
});

test('a wider limit takes the words and a clean comparison', async () => {
	const { patch, session, end } = await open();
	const { engine } = session.world.app;
	expect(await patch({ 'risk.position_notional_max': 9_500 })).toMatchObject({ kind: 'refused', code: 'wrong-phrase' });
	await session.run(30_000);
	expect(await patch({ 'risk.position_notional_max': 9_500 }, { phrase: PHRASES.raise })).toMatchObject({ kind: 'done' });
	expect(engine.gate.limits.positionNotionalMax).toBe(9_500);
	// Killed, nobody may risk more, whatever he types.
	session.world.app.runtime.control({ kind: 'shutGate', reason: 'a test' });
	expect(await patch({ 'risk.position_notional_max': 9_800 }, { phrase: PHRASES.raise })).toMatchObject({ code: 'not-compared' });
	expect(engine.gate.limits.positionNotionalMax).toBe(9_500);
	await end();
});

test.each([
	['no setting at all', {}, 'nothing-said'],
	['what waits for a restart', { 'venues.bybit.symbols': ['X'] }, 'not-live'],
	['a strategy that there is not', { 'strategies.other.params.levels.count': 2 }, 'not-live'],
	['what a strategy quotes', { 'strategies.eager.symbols': ['BTCUSDT'] }, 'not-live'],
	['an unknown key', { 'risk.nonsense': 1 }, 'bad-settings'],
	['the way to all objects', { 'risk.__proto__': { polluted: true } }, 'bad-settings'],
	['a value out of bounds', { 'risk.open_orders_max': -1 }, 'bad-settings'],
	['limits that contradict one another', { 'risk.day_loss_kill': 0.001 }, 'bad-settings'],
] as const)('%s changes nothing', async (_, set, code) => {
	const { desk, kept, patch, end } = await open();
	const before = JSON.stringify(desk.view());
	expect(await patch(set)).toMatchObject({ kind: 'refused', code });
	expect([JSON.stringify(desk.view()), kept]).toEqual([before, []]);
	await end();
});

test('what is saved stands in the file with its comments, and is laid over nothing any more', async () => {
	const { desk, file, live, patch, session, end } = await open();
	expect(
		await patch({ 'risk.position_notional_max': 8_000, 'strategies.eager.params.levels.count': 2 }, { save: true }),
	).toMatchObject({
		kind: 'done',
	});
	const text = file.text();
	expect(text).toBe(TEXT.replace('9000 # not more', '8000 # not more').replace('count: 4', 'count: 2'));
	await session.run(3_000);
	expect(live.overlay).toEqual([]);
	expect(desk.view().waiting).toEqual([]);
	expect(session.world.app.engine.gate.limits.positionNotionalMax).toBe(8_000);
	await end();
});

test('a later edit of a setting in the file wins over what was laid over it, and leaves the rest of it', async () => {
	const { file, kept, live, patch, session, end } = await open();
	await patch({ 'risk.position_notional_max': 8_000, 'risk.open_orders_max': 100 });
	file.write(TEXT.replace('9000', '7000'));
	await session.run(3_000);
	expect(live.overlay.map(({ path }) => path)).toEqual(['risk.open_orders_max']);
	// Or it would come back with the next edit that puts the old value there.
	expect(kept.at(-1)).toEqual(live.overlay);
	const { limits } = session.world.app.engine.gate;
	expect([limits.positionNotionalMax, limits.openOrdersMax]).toEqual([7_000, 100]);
	await end();
});

test('null takes back what was laid over the file', async () => {
	const { live, patch, session, end } = await open();
	await patch({ 'strategies.eager.params.levels.count': 2 });
	expect(await patch({ 'strategies.eager.params.levels.count': null })).toMatchObject({ kind: 'done' });
	expect(live.overlay).toEqual([]);
	expect(session.world.app.engine.quoters[0]?.strategy.params).toMatchObject({ levels: { count: 4 } });
	await end();
});

test('one write of what is laid over waits for the other, and writes what is laid over by then', async () => {
	const { disk, file, kept, patch, said, session, end } = await open();
	const writing = Promise.withResolvers<string | undefined>();
	disk.writing = writing;
	const asked = [7_000, 6_000].map((max) => patch({ 'risk.position_notional_max': max, 'risk.open_orders_max': 100 }));
	file.write(TEXT.replace('9000', '5000'));
	await session.run(3_000);
	expect(kept.length).toBe(1);
	writing.resolve('the disk is full');
	for (const { sentence } of await Promise.all(asked)) expect(sentence).toContain('the disk is full');
	await session.run(3_000);
	expect(kept.slice(1).map((each) => each.map(({ path }) => path))).toEqual([['risk.open_orders_max'], ['risk.open_orders_max']]);
	// Of what the file has won over, and of the disk, nobody else tells.
	expect(said).toEqual([expect.stringContaining('dropped'), 'the disk is full']);
	expect(said[0]).toContain('risk.position_notional_max');
	await end();
});

test('a write that failed by a bug of ours keeps no later one from being made', async () => {
	const { disk, kept, patch, end } = await open();
	disk.writing = Promise.withResolvers();
	disk.writing.reject(new Error('a bug'));
	await expect(patch({ 'risk.open_orders_max': 100 })).rejects.toThrow('a bug');
	delete disk.writing;
	expect(await patch({ 'risk.open_orders_max': 90 })).toMatchObject({ kind: 'done' });
	expect(kept.at(-1)).toMatchObject([{ value: 90 }]);
	await end();
});

test.each([
	['the file is wrong just now', TEXT.replace('risk:', 'riks:'), {}, 'no right configuration'],
	[
		'one value lies within another',
		TEXT,
		{ 'strategies.eager.params.edge': { min_edge_bps: -9 }, 'strategies.eager.params.edge.min_edge_bps': -8 },
		'nothing else',
	],
])('nothing is saved, or changed, where %s', async (_, text, more, sentence) => {
	const { file, live, patch, end } = await open();
	file.write(text);
	const answer = await patch({ 'risk.position_notional_max': 8_000, ...more }, { save: true });
	expect(answer).toMatchObject({ kind: 'refused', code: 'not-saved' });
	expect(answer.sentence).toContain(sentence);
	expect([file.text(), live.overlay]).toEqual([text, []]);
	await end();
});

test('strategies that have changed places in the file since are saved each into its own', async () => {
	const { file, patch, end } = await open();
	const first = 'strategies:\n  - { name: first, symbols: [SOLUSDT], params: { levels: { count: 3 } } }\n';
	file.write(TEXT.replace('strategies:\n', first));
	expect(await patch({ 'strategies.eager.params.levels.count': 2 }, { save: true })).toMatchObject({ kind: 'done' });
	expect(file.text()).toBe(TEXT.replace('strategies:\n', first).replace('count: 4', 'count: 2'));
	await end();
});
