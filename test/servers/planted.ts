/**
 * Mistakes that an engine should not have, planted into a real one: imported before its program, and made as long as a
 * file of the mistake's name lies in the folder `PLANTED_IN`. For alerts that only a bug of ours can bring about.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { Pace } from '../../src/engine/pace.ts';
import { LADDER_DEFAULTS, ladder } from '../../src/strategy/index.ts';

export type Mistake = 'strategy-throws' | 'no-ticks' | 'memory-leak';

const LEAK_BYTES = 100_000_000;
const LEAK_BYTES_MAX = 1_600_000_000;
const LEAK_EVERY_MS = 200;

/** Undefined outside of an engine, and in its worker threads. */
const folder = isMainThread ? process.env['PLANTED_IN'] : undefined;
if (folder !== undefined) plantIn(folder);

function plantIn(place: string): void {
	const isMade = (mistake: Mistake): boolean => existsSync(join(place, mistake));

	const strategy = Object.getPrototypeOf(ladder(LADDER_DEFAULTS)) as ReturnType<typeof ladder>;
	const { quote } = strategy;
	strategy.quote = function (...asked) {
		if (isMade('strategy-throws')) throw new Error('planted');
		quote.apply(this, asked);
	};

	const { tick } = Pace.prototype;
	Pace.prototype.tick = function (...asked) {
		if (!isMade('no-ticks')) tick.apply(this, asked);
	};

	const leaked: Buffer[] = [];
	setInterval(() => {
		if (isMade('memory-leak') && leaked.length * LEAK_BYTES < LEAK_BYTES_MAX) leaked.push(Buffer.alloc(LEAK_BYTES, 1));
	}, LEAK_EVERY_MS).unref();
}
