/** When positions are closed and when that is over; over sockets: test/e2e/closing.long.test.ts. */
import { expect, test } from 'vitest';
import type { ControlAction } from '../domain/event.ts';
import { instrumentIndex } from '../domain/instrument.ts';
import { Closing } from './closing.ts';

class FakeApp {
	readonly asked: string[] = [];
	readonly engine = { isInDoubt: false, isFlattening: false };
	readonly runtime = {
		control: (action: ControlAction) => {
			const scope = 'scope' in action ? action.scope : undefined;
			this.asked.push(scope?.kind === 'instrument' ? `${action.kind} ${scope.instrument}` : action.kind);
			if (action.kind === 'compare') this.engine.isInDoubt = true;
			if (action.kind === 'flatten') this.engine.isFlattening = this.holds;
			return { kind: 'done', orderCount: 0 } as const;
		},
	};
	holds = true;

	indexOf(symbol: string) {
		return instrumentIndex(['BTCUSDT', 'ETHUSDT'].indexOf(symbol));
	}
}

test('nothing is quoted from the beginning on, and nothing is closed before both sides agree; then once, until it is done', () => {
	const app = new FakeApp();
	const closing = new Closing(app, []);
	closing.hold();
	expect([closing.isOver(), closing.isOver(), app.asked]).toEqual([false, false, ['pause', 'compare']]);
	app.engine.isInDoubt = false;
	expect([closing.isOver(), closing.isOver(), app.asked]).toEqual([false, false, ['pause', 'compare', 'flatten']]);
	app.engine.isFlattening = false;
	expect([closing.isOver(), app.asked.length]).toEqual([true, 3]);
});

test('only what is named is closed', () => {
	const app = new FakeApp();
	new Closing(app, ['ETHUSDT']).isOver();
	expect(app.asked).toEqual(['flatten 1']);
});

test('where nothing is held it is over at once', () => {
	const app = new FakeApp();
	app.holds = false;
	expect(new Closing(app, []).isOver()).toBe(true);
});
