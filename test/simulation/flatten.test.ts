/**
 * Positions that are closed (KL5, K2), against the exchange core in virtual time: every slice is judged when it leaves by
 * the book as it was then, and what is held in the end is what the exchange says.
 */
import { describe, expect, test } from 'vitest';
import { DEMO } from '../../src/app/demo.ts';
import type { PlaceCommand } from '../../src/domain/command.ts';
import type { ControlAction } from '../../src/domain/event.ts';
import type { EngineEffect, EngineNote } from '../../src/engine/ports.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { OUR_ACCOUNT, World } from '../../src/simulation/world.ts';

const ALL = { kind: 'all' } as const;

class Scene {
	readonly clock = new VirtualClock(Date.UTC(2026, 0, 1));
	readonly notes: EngineNote[] = [];
	readonly world: World;
	/** What left since somebody began to look. */
	readonly slices: PlaceCommand[] = [];
	readonly worst: string[] = [];
	#isLooking = false;

	constructor(seed: number) {
		this.world = new World({
			...DEMO,
			clock: this.clock,
			rng: seededRng(seed),
			delays: { requestMs: 15, responseMs: 15, streamMs: 20 },
			recorder: { input: () => {}, output: (effect) => this.#judge(effect) },
			onNote: (note) => this.notes.push(note),
		});
		this.world.start();
		this.clock.run(40_000);
		expect(this.held().length, 'positions to close').toBeGreaterThan(0);
	}

	control(action: ControlAction) {
		return this.world.runtime.control(action);
	}

	look(): void {
		this.#isLooking = true;
	}

	held(): readonly string[] {
		return this.world.exchange
			.positions(OUR_ACCOUNT)
			.filter(({ qtyLotsSigned }) => qtyLotsSigned !== 0)
			.map(({ symbol }) => symbol);
	}

	/** Tenth of five levels, half a percent, only reducing, taking at once. */
	#judge(effect: EngineEffect): void {
		if (!this.#isLooking || effect.kind !== 'send') return;
		for (const command of effect.batch.commands) {
			if (command.kind === 'cancel') continue;
			if (command.kind === 'amend' || command.timeInForce !== 'ioc' || !command.reduceOnly) {
				this.worst.push(`${command.kind} that is no slice`);
				continue;
			}
			this.slices.push(command);
			const market = this.world.engine.market(command.instrument.index);
			if (market === undefined) throw new Error('its symbol is followed');
			const { book, exposure, instrument } = market;
			const depth = book.lotsWithin(command.side === 'sell' ? 'bid' : 'ask', 5);
			if (command.qtyLots > Math.max(0.1 * depth, 2 * instrument.qtyLotsMin)) this.worst.push(`${command.qtyLots} of ${depth}`);
			const away = (command.side === 'sell' ? 1 : -1) * (book.midTwiceTicks / 2 - command.priceTicks);
			if (away > (0.005 * book.midTwiceTicks) / 2 + 1e-6) this.worst.push(`${away} from the mid`);
			if (Math.sign(exposure.positionLots) !== (command.side === 'sell' ? 1 : -1)) this.worst.push('it does not reduce');
		}
	}
}

describe('a symbol that a person wants flat', () => {
	test.each([1, 2, 3])('seed %i: is closed in slices, and stays so until it is resumed', (seed) => {
		const scene = new Scene(seed);
		const { world, clock } = scene;
		const [symbol] = scene.held();
		const instrument = world.instruments.find((each) => each.symbol === symbol);
		if (instrument === undefined) throw new Error('it is one of ours');
		for (const each of world.instruments) {
			if (each !== instrument)
				scene.control({ kind: 'pause', scope: { kind: 'instrument', instrument: each.index }, reason: 'test' });
		}
		const asked = { kind: 'flatten', scope: { kind: 'instrument', instrument: instrument.index }, reason: 'test' } as const;
		expect(scene.control(asked)).toEqual({ kind: 'done', orderCount: 1 });
		// What was decided before may still leave, and is waited for.
		clock.run(1);
		scene.look();
		clock.run(180_000);
		expect(scene.held()).not.toContain(symbol);
		expect(scene.slices.length).toBeGreaterThan(0);
		expect(scene.worst).toEqual([]);
		expect(scene.notes).toContainEqual({ kind: 'flattened', instrument: instrument.id, leftLots: 0 });
		expect(world.engine.orders.openOrdersOf(instrument.index)).toEqual([]);
		scene.control({ kind: 'resume', scope: { kind: 'instrument', instrument: instrument.index } });
		clock.run(2_000);
		expect(world.engine.orders.openOrdersOf(instrument.index).length).toBeGreaterThan(0);
	});

	test('a pause of the account does not keep it from it (KL2)', () => {
		const scene = new Scene(1);
		scene.control({ kind: 'pause', scope: ALL, reason: 'test' });
		scene.clock.run(1);
		scene.look();
		scene.control({ kind: 'flatten', scope: ALL, reason: 'test' });
		scene.clock.run(240_000);
		expect([scene.held(), scene.worst]).toEqual([[], []]);
	});

	test('one who resumes it while it is being closed gets it back as it is', () => {
		const scene = new Scene(2);
		scene.control({ kind: 'flatten', scope: ALL, reason: 'test' });
		for (const { index } of scene.world.instruments)
			scene.control({ kind: 'resume', scope: { kind: 'instrument', instrument: index } });
		scene.clock.run(5_000);
		const places = scene.world.engine.openOrders().filter(({ parent }) => parent !== undefined);
		expect(places).toEqual([]);
		expect(scene.world.openAtVenue().length).toBeGreaterThan(0);
	});
});

describe('after a kill', () => {
	test.each([1, 2, 3])('seed %i: nothing leaves but cancels, and once a person asks for it the slices (KL4, KL5)', (seed) => {
		const scene = new Scene(seed);
		scene.look();
		scene.control({ kind: 'shutGate', reason: 'test' });
		scene.clock.run(5_000);
		expect([scene.world.openAtVenue(), scene.slices, scene.worst]).toEqual([[], [], []]);
		scene.control({ kind: 'flatten', scope: ALL, reason: 'test' });
		scene.clock.run(240_000);
		expect([scene.held(), scene.worst, scene.world.openAtVenue()]).toEqual([[], [], []]);
		expect(scene.slices.length).toBeGreaterThan(1);
		expect(scene.world.engine.levels.level).toBe('kill');
	});

	test('a person who asks at once waits until nothing of ours is left at the venue', () => {
		const scene = new Scene(1);
		scene.look();
		scene.control({ kind: 'shutGate', reason: 'test' });
		scene.control({ kind: 'flatten', scope: ALL, reason: 'test' });
		scene.clock.runWhile(() => scene.slices.length === 0 && scene.clock.monotonicMs() < 60_000);
		const slices = new Set<string>(scene.slices.map(({ orderId }) => orderId));
		expect(scene.world.openAtVenue().filter(({ clientOrderId }) => !slices.has(clientOrderId))).toEqual([]);
		expect(scene.slices.length).toBeGreaterThan(0);
		scene.clock.run(240_000);
		expect([scene.held(), scene.worst]).toEqual([[], []]);
	});

	test('another kill ends it, and so does the end of the run, after which nobody may begin one', () => {
		const scene = new Scene(1);
		scene.control({ kind: 'shutGate', reason: 'test' });
		scene.control({ kind: 'flatten', scope: ALL, reason: 'test' });
		scene.control({ kind: 'shutGate', reason: 'again' });
		scene.look();
		scene.clock.run(20_000);
		expect(scene.slices).toEqual([]);
		scene.control({ kind: 'shutGate', reason: 'the end', lasts: 'thisRun' });
		expect(scene.control({ kind: 'flatten', scope: ALL, reason: 'test' })).toEqual({ kind: 'refused', reason: 'gate-is-shut' });
		scene.clock.run(20_000);
		expect(scene.slices).toEqual([]);
	});
});
