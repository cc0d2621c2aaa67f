/** Signals in the engine: in force until they expire, each for its instrument and source. */
import { beforeEach, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { BTCUSDT as BTC, ETHUSDT as ETH } from '../../test/fixtures/instruments.ts';
import { Scripted } from '../../test/fixtures/scripted.ts';
import { monoMs } from '../domain/units.ts';

let desk: Desk;
beforeEach(() => {
	desk = new Desk({ instruments: [BTC, ETH], strategy: new Scripted() });
});

function tell(source: string, value: number, forMs: number): void {
	const expiresAtMono = monoMs(desk.at().monoMs + forMs);
	desk.step({ kind: 'signal', instrument: BTC.index, source, value, confidence: 0.5, expiresAtMono, ...desk.at() });
}

const seen = (source: string, instrument = BTC) => desk.engine.market(instrument.index)?.signal(source).value;

test('one is in force until it expires or another of its source comes', () => {
	tell('desk', 1, 1_000);
	tell('model', -1, 2_000);
	expect([seen('desk'), seen('model'), seen('desk', ETH)]).toEqual([1, -1, 0]);
	tell('desk', 0.5, 1_000);
	desk.tick(999);
	expect(seen('desk')).toBe(0.5);
	desk.tick(1);
	expect([seen('desk'), seen('model')]).toEqual([0, -1]);
});

test('so many sources are remembered, and one that is over makes room for another', () => {
	for (let i = 0; i < 64; i += 1) tell(`s${i}`, 1, 60_000);
	tell('late', 1, 60_000);
	expect(seen('late')).toBe(0);
	tell('s63', 0.25, 60_000);
	expect(seen('s63')).toBe(0.25);
	tell('s7', 0, 0);
	tell('late', 1, 60_000);
	expect([seen('s7'), seen('late')]).toEqual([0, 1]);
});
