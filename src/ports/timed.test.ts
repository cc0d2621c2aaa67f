import { expect, test } from 'vitest';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { timed } from './timed.ts';

class Model {
	#spread = 4;
	price(middle: number): number {
		return middle + this.#spread / 2;
	}
	async later(middle: number): Promise<number> {
		return this.price(middle);
	}
}

test('a method that is measured in its place still knows whose it is', async () => {
	const took: number[] = [];
	const model = new Model();
	const timing = { record: (ms: number) => void took.push(ms) };
	const clock = new VirtualClock(0);
	model.price = timed(clock, timing, model.price);
	model.later = timed(clock, timing, model.later);
	expect([model.price(100), await model.later(200)]).toEqual([102, 202]);
	// What is asked for later asks the other too.
	expect(took).toEqual([0, 0, 0]);
});
