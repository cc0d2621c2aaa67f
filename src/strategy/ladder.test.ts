import { expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { wishesOf } from '../../test/fixtures/views.ts';
import { ladderSuite } from './ladder.suite.ts';
import { ladder } from './ladder.ts';
import { LADDER_DEFAULTS } from './ladder-params.ts';
import { plainLadder } from './ladder-plain.ts';

ladderSuite('the fast ladder', ladder);
ladderSuite('the plain ladder', plainLadder);

test('parameters that were never parsed are checked all the same', () => {
	const crossing = { ...LADDER_DEFAULTS, levels: { count: 5, halfSpreadBps: -3, stepBps: 1 } };
	expect(() => ladder(crossing)).toThrow('ladder: levels.halfSpreadBps is -3, expected a number from 0 to 10000');
});

test('the state is plain, and the same after it was written down and read', () => {
	const strategy = ladder(LADDER_DEFAULTS);
	const state = strategy.init(makeTestInstrument());
	expect(JSON.parse(JSON.stringify(state))).toEqual(state);
});

test('one ladder quotes several instruments, and none of them leaves a trace in the next', () => {
	const strategy = ladder(LADDER_DEFAULTS);
	const first = wishesOf(strategy);
	wishesOf(strategy, { bids: [[400, 5]], asks: [[500, 9]], positionLots: 7 });
	wishesOf(strategy, { isBookTrusted: false });
	expect(wishesOf(strategy)).toEqual(first);
});
