/** The file, what is laid over it, and which of the two wins. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { LiveSettings } from './live-settings.ts';
import { laidFurther, laidOver, OVERLAY_MAX } from './overlay.ts';

function known(risk: Readonly<Record<string, unknown>>) {
	const read = readConfig({ file: { name: 't.yaml', text: JSON.stringify({ risk }) } });
	if (read.kind === 'bad') throw new Error(JSON.stringify(read.problems));
	return read;
}

const FILE = { open_orders_max: 400, leverage_max: 2 };
const ORDERS = 'risk.open_orders_max';

describe('an overlay of an earlier run', () => {
	test('is in force from the start', () => {
		const live = new LiveSettings(known(FILE), [{ path: ORDERS, value: 100, was: 400 }]);
		expect(live.running.config.risk.open_orders_max).toBe(100);
		expect(live.overlay.length).toBe(1);
	});

	test.each([
		['the file says something else by now', { ...FILE, open_orders_max: 300 }, 300],
		['the two are no right configuration together', { ...FILE, open_orders_per_symbol_max: 350 }, 400],
	])('is gone where %s', (_, file, orders) => {
		const live = new LiveSettings(known(file), [{ path: ORDERS, value: 100, was: 400 }]);
		expect(live.running.config.risk.open_orders_max).toBe(orders);
		expect(live.overlay).toEqual([]);
		expect(live.fallen.map(({ path }) => path)).toEqual([ORDERS]);
	});
});

const LAID = [
	{ path: 'risk.leverage_max', value: 1, was: 2 },
	{ path: ORDERS, value: 100, was: 400 },
	{ path: 'risk.twin_window_ms', value: 77, was: 100 },
];

test('an edit that one entry does not go with drops that one alone, and tells which', () => {
	const live = new LiveSettings(known({ ...FILE, twin_window_ms: 100 }), LAID);
	const fell: string[][] = [];
	live.onOverlayFell = () => fell.push(live.fallen.map(({ path }) => path));
	live.takeFile(known({ ...FILE, twin_window_ms: 100, open_orders_per_symbol_max: 350 }), false);
	expect(live.overlay).toEqual([LAID[0], LAID[2]]);
	expect(live.running.config.risk).toMatchObject({ leverage_max: 1, twin_window_ms: 77 });
	expect(fell).toEqual([[ORDERS]]);
});

test('what is right only with a later entry is kept with it', () => {
	const overlay = [
		{ path: 'risk.open_orders_per_symbol_max', value: 450, was: 50 },
		{ path: 'risk.leverage_max', value: 7, was: 'another value' },
		{ path: ORDERS, value: 500, was: 400 },
		{ path: 'risk.day_loss_kill', value: -1, was: known(FILE).config.risk.day_loss_kill },
	];
	const written = known({ ...FILE, open_orders_per_symbol_max: 50 });
	expect(laidOver(written, overlay).overlay).toEqual([overlay[0], overlay[2]]);
});

test('what the file says by now has not fallen', () => {
	const live = new LiveSettings(known({ ...FILE, open_orders_max: 100 }), [{ path: ORDERS, value: 100, was: 400 }]);
	expect([live.overlay, live.fallen]).toEqual([[], []]);
});

test.each([
	[
		'too many entries',
		Array.from({ length: OVERLAY_MAX.entries }, () => ({ path: ORDERS, value: 100, was: 400 })),
		'risk.leverage_max',
	],
	['too long a path', [], `risk.${'x'.repeat(OVERLAY_MAX.pathLength)}`],
])('%s could not be read again, so they are not laid over', (_, overlay, path) => {
	const live = new LiveSettings(known(FILE), overlay);
	expect(live.overlay.length).toBe(overlay.length);
	const planned = live.plan({ [path]: 1 });
	expect(planned.kind === 'refused' ? planned.sentence : 'it was planned').toContain('at most');
});

test('what waits is what the file says and is not in force', () => {
	const live = new LiveSettings(known(FILE));
	live.takeFile(known({ ...FILE, open_orders_max: 500 }), false);
	expect(live.waiting.map(({ path }) => path)).toEqual([ORDERS]);
	expect(live.running.config.risk.open_orders_max).toBe(400);
	live.takeFile(known({ ...FILE, open_orders_max: 500 }), true);
	expect(live.waiting).toEqual([]);
	expect(live.running.config.risk.open_orders_max).toBe(500);
});

test('a plan changes nothing before it is applied', () => {
	const live = new LiveSettings(known(FILE));
	const planned = live.plan({ [ORDERS]: 100 });
	expect(live.running.config.risk.open_orders_max).toBe(400);
	if (planned.kind === 'refused') throw new Error(planned.sentence);
	live.apply(planned);
	expect(live.running.config.risk.open_orders_max).toBe(100);
	expect(live.running.config.risk.leverage_max).toBe(2);
});

test('a limit that widens beside one that narrows is told apart', () => {
	const planned = new LiveSettings(known(FILE)).plan({ [ORDERS]: 500, 'risk.leverage_max': 1 });
	expect(planned).toMatchObject({ kind: 'planned', wider: [`${ORDERS}: 400 -> 500, now`] });
});

test('of any patches and edits of the file, each setting is what was said of it last', () => {
	const keys = ['open_orders_max', 'leverage_max', 'twin_window_ms'] as const;
	const step = fc.record({ key: fc.constantFrom(...keys), value: fc.integer({ min: 50, max: 99 }), isFile: fc.boolean() });
	fc.assert(
		fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
			const file: Record<string, number> = { open_orders_max: 100, leverage_max: 100, twin_window_ms: 100 };
			const expected: Record<string, number> = { ...file };
			let now = known(file);
			let overlay = laidOver(now, []).overlay;
			for (const { key, value, isFile } of steps) {
				if (isFile) {
					// An edit that says what the file said before is none.
					if (file[key] !== value) expected[key] = value;
					file[key] = value;
					now = known(file);
				} else {
					expected[key] = value;
					overlay = laidFurther(overlay, { [`risk.${key}`]: value }, now.written);
				}
				overlay = laidOver(now, overlay).overlay;
			}
			const { risk } = laidOver(now, overlay).known.config;
			expect(Object.fromEntries(keys.map((key) => [key, risk[key]]))).toEqual(expected);
		}),
	);
});
