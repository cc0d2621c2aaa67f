/** The margin that the venue wants kept, as a share of what there is (KL3). */
import { expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { Scripted } from '../../test/fixtures/scripted.ts';
import { MARGIN_USED_MAX } from './margin-watch.ts';

const BTC = makeTestInstrument();

function after(marginUsed: number | undefined): Desk {
	const desk = new Desk({ instruments: [BTC], strategy: new Scripted() });
	const at = desk.at();
	const found = { orders: [], positions: [], marginUsed };
	desk.step({ kind: 'census', venue: 'bybit', beganAtMono: at.monoMs, found, ...at });
	return desk;
}

test.each([undefined, 0, 0.02, MARGIN_USED_MAX - 0.001])('of %s changes nothing', (used) => {
	expect(after(used).engine.levels.level).toBe('run');
});

test.each([
	[MARGIN_USED_MAX, '50.0 %'],
	[0.834_56, '83.5 %'],
	[Number.POSITIVE_INFINITY, 'more than all'],
])('of %s lets nothing pass but what reduces, until a person has looked', (used, share) => {
	const desk = after(used);
	const reason = `${share} of the margin at bybit has to be kept (limit 50 %): at 100 % positions are closed by force`;
	expect([desk.engine.levels.level, desk.engine.riskPauseReason()]).toEqual(['reduceOnly', reason]);
	expect(desk.kept.filter(({ kind }) => kind === 'latch')).toMatchObject([{ level: 'reduceOnly', reason }]);
});

test('a census that found nothing says nothing of it', () => {
	const desk = after(0);
	const at = desk.at();
	desk.step({ kind: 'census', venue: 'bybit', beganAtMono: at.monoMs, found: undefined, ...at });
	expect(desk.engine.levels.level).toBe('run');
});
