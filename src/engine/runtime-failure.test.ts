/** What a runtime does behind an error of the engine: the cancels of the end still have to go through it (F73). */
import { expect, test } from 'vitest';
import type { EngineEvent } from '../domain/event.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import type { Engine } from './engine.ts';
import type { Journal } from './ports.ts';
import { Runtime } from './runtime.ts';

const JOURNAL: Journal = { commit: () => {}, note: () => {}, keep: () => {} };

function timer(key: string): EngineEvent {
	return { kind: 'timer', key, wallMs: timeMs(0), monoMs: monoMs(0) };
}

test('an event that failed is not taken again, nor is any before it, and those behind it are', () => {
	const taken: string[] = [];
	const engine = {
		effects: [],
		step: (event: EngineEvent) => {
			const key = event.kind === 'timer' ? event.key : event.kind;
			taken.push(key);
			if (key === 'first') {
				// They come while it is busy.
				for (const next of ['second', 'bad', 'third']) runtime.push(timer(next));
			}
			if (key === 'bad') throw new Error('planted');
		},
	};
	const runtime = new Runtime(engine as unknown as Engine, { clock: new VirtualClock(0), gateways: [], journal: JOURNAL });
	expect(() => runtime.push(timer('first'))).toThrow('planted');
	runtime.push(timer('fourth'));
	expect(taken).toEqual(['first', 'second', 'bad', 'third', 'fourth']);
});
