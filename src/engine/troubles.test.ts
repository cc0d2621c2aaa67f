/** Every cause that pauses quoting for the account (KL2): how it begins, what it says, and that two clean comparisons end it. */
import { describe, expect, test } from 'vitest';
import { Desk, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { BTCUSDT as BTC } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';

const MID = 640_000;

function quoting(levels = 4): Scene {
	const strategy = new Scripted();
	const desk = new Desk({ instruments: [BTC], strategy, settings: { limits: WIDE_LIMITS } });
	strategy.wishes.set(BTC.index, ladderAround(MID, { levels, qty: 10 }));
	const later = (ms = 250): void => {
		desk.nowMs += ms;
		desk.book(BTC, MID - 1, MID + 1);
		desk.tick(0);
	};
	later();
	return { desk, strategy, later };
}

interface Scene {
	readonly desk: Desk;
	readonly strategy: Scripted;
	later(ms?: number): void;
}

/** So many of the orders that were just sent are mentioned by no answer. */
function loseAnswers({ desk }: Scene, count: number): void {
	const batch = desk.sent.shift();
	if (batch === undefined) throw new Error('something was sent');
	desk.sent.unshift({ ...batch, commands: batch.commands.slice(count) });
	desk.settle();
}

/** The venue knows none of those in doubt, again and again; time passes meanwhile. */
function findOut({ desk, later }: Scene): void {
	for (let look = 0; look < 30 && desk.engine.orders.countUnknown() > 0; look += 1) {
		for (const { orderId, state } of desk.engine.openOrders()) {
			if (state !== 'unknown') continue;
			const venueAtMs = desk.at().wallMs;
			desk.step({ kind: 'lookedUp', orderId, isFound: false, isComplete: true, venueAtMs, ...desk.at() });
		}
		later(1_500);
		desk.settle();
	}
	expect(desk.engine.orders.countUnknown()).toBe(0);
}

const clock = ({ desk }: Scene, offsetMs: number): unknown =>
	desk.step({ kind: 'venueClock', venue: 'bybit', offsetMs, ...desk.at() });
const refuse = ({ desk }: Scene): unknown =>
	desk.step({
		...{ kind: 'rate', venue: 'bybit', category: 'linear', verb: 'place', limit: 10, remaining: 0, resetInMs: 100 },
		...{ isRefusal: true, ...desk.at() },
	});

interface Cause {
	readonly name: string;
	readonly reason: string;
	begin(scene: Scene): void;
	end(scene: Scene): void;
}

const CAUSES: readonly Cause[] = [
	{
		name: 'more than three orders in doubt',
		reason: '4 orders are in doubt',
		begin: (scene) => loseAnswers(scene, 4),
		end: findOut,
	},
	{
		name: 'one order in doubt for more than half a minute',
		reason: 'an order has been in doubt for 30 s',
		begin: (scene) => {
			loseAnswers(scene, 1);
			for (let i = 0; i < 122; i += 1) scene.later();
		},
		end: findOut,
	},
	{
		name: 'a journal that is slow',
		reason: 'the journal does not keep up',
		begin: ({ desk, strategy, later }) => {
			desk.commits = 'held';
			strategy.wishes.set(BTC.index, ladderAround(MID + 40, { levels: 4, qty: 10 }));
			later();
			later(251);
		},
		end: ({ desk, later }) => {
			desk.commits = 'confirmed';
			desk.confirmCommits();
			desk.settle();
			later(1_000);
		},
	},
	{
		name: 'a clock that is off',
		reason: "our clock and the venue's differ by 700 ms",
		begin: (scene) => {
			clock(scene, -700);
			scene.later();
		},
		end: (scene) => {
			clock(scene, -400);
			scene.later();
		},
	},
	{
		name: 'a venue that keeps refusing',
		reason: 'bybit keeps refusing for want of rate budget',
		begin: (scene) => {
			for (let i = 0; i < 3; i += 1) refuse(scene);
			scene.later();
		},
		end: ({ later }) => {
			later(9_000);
			later(1_000);
		},
	},
	{
		name: 'a private stream that is down',
		reason: 'bybit tells us nothing of our orders',
		begin: ({ desk, later }) => {
			desk.step({ kind: 'stream', venue: 'bybit', stream: 'private', up: false, ...desk.at() });
			later(2_500);
			later(2_500);
		},
		end: ({ desk }) => void desk.step({ kind: 'stream', venue: 'bybit', stream: 'private', up: true, ...desk.at() }),
	},
];

describe.each(CAUSES)('$name', ({ reason, begin, end }) => {
	const begun = (): Scene => {
		const scene = quoting();
		if (!reason.includes('in doubt')) scene.desk.settle();
		begin(scene);
		scene.later();
		return scene;
	};

	test('pauses quoting with its reason and cancels what stands', () => {
		const { desk, later } = begun();
		expect([desk.engine.levels.level, desk.engine.riskPauseReason()]).toEqual(['pauseQuoting', reason]);
		desk.settle();
		later();
		desk.settle();
		expect(desk.engine.openOrders().filter(({ state }) => state !== 'unknown')).toEqual([]);
	});

	test('is followed by two clean comparisons, and then there are quotes again', () => {
		const scene = begun();
		const { desk, later } = scene;
		desk.settle();
		later();
		desk.settle();
		end(scene);
		expect(desk.engine.riskPauseReason()).toMatch(/^comparing with the venue/);
		later();
		desk.census();
		later();
		expect([desk.engine.isRiskPaused(), desk.engine.orders.openCount]).toEqual([true, 0]);
		desk.census();
		later();
		expect([desk.engine.isRiskPaused(), desk.engine.orders.openCount]).toEqual([false, 8]);
	});

	test('is not over while it lasts, however many comparisons are clean', () => {
		const { desk, later } = begun();
		if (reason.includes('refusing') || reason.includes('stream')) return;
		for (let i = 0; i < 4; i += 1) desk.census();
		later();
		expect(desk.engine.riskPauseReason()).toBe(reason);
	});
});

const HARMLESS: readonly (readonly [name: string, begin: (scene: Scene) => unknown, ticks: number])[] = [
	['three orders in doubt for half a minute', (scene) => loseAnswers(scene, 3), 118],
	['a clock half a second off', (scene) => clock(scene, 500), 2],
	['two refusals', (scene) => [refuse(scene), refuse(scene)], 2],
];

test.each(HARMLESS)('%s pauses nobody', (_, begin, ticks) => {
	const scene = quoting();
	begin(scene);
	for (let i = 0; i < ticks; i += 1) scene.later();
	expect(scene.desk.engine.isRiskPaused()).toBe(false);
});

test('a position at the venue that is not what our fills make it pauses until it stands still (F33)', () => {
	const scene = quoting();
	const { desk } = scene;
	desk.settle();
	const census = (lots: number): void => {
		scene.later(6_000);
		desk.settle();
		const orders = desk.reportsOfOpen();
		const { monoMs: beganAtMono } = desk.at();
		const positions = [{ instrument: BTC.index, positionLotsSigned: lots as never }];
		desk.step({ kind: 'census', venue: 'bybit', beganAtMono, found: { orders, positions }, ...desk.at() });
	};
	for (const lots of [0, 1, 1]) census(lots);
	expect(desk.engine.isRiskPaused(), 'one lot is rounding').toBe(false);
	census(7);
	expect(desk.engine.isRiskPaused()).toBe(false);
	census(7);
	expect(desk.engine.riskPauseReason()).toBe('a position at the venue is not what our fills make it');
	census(7);
	expect(desk.engine.isRiskPaused()).toBe(true);
	census(7);
	expect(desk.engine.isRiskPaused()).toBe(false);
});
