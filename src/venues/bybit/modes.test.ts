/** How the account is set up, asked symbol by symbol: what is found, what is not, and whose turn it is (F62). */
import { expect, test } from 'vitest';
import { FakeAccount, positionRow } from '../../../test/fixtures/bybit-account.ts';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { HeldMode } from '../wire/account-feed.ts';
import { readModes } from './modes.ts';

const BTC = makeTestInstrument({ index: 0, symbol: 'BTCUSDT' });
const ETH = makeTestInstrument({ index: 1, symbol: 'ETHUSDT' });
const SPOT = makeTestInstrument({ index: 2, symbol: 'BTCUSDT', category: 'spot' });

class Scene {
	readonly clock = new VirtualClock(0);
	readonly account = new FakeAccount(this.clock);

	ask(instruments: readonly Instrument[], round = 0): readonly HeldMode[] {
		const answers: (readonly HeldMode[])[] = [];
		readModes({ read: this.account.read, instruments, round }, (modes) => answers.push(modes));
		expect(answers, 'never from inside of the call').toEqual([]);
		this.clock.run(1_000);
		expect(answers).toHaveLength(1);
		return answers[0] ?? [];
	}

	get symbolsAsked(): readonly unknown[] {
		return this.account.asked.flatMap(({ params }) => params['symbol'] ?? []);
	}
}

const flat = (symbol: string, positionIdx: unknown) => ({ ...positionRow('0', '', symbol), positionIdx });

test('flat or not, a symbol in hedge mode is told from one that is not; spot has neither', () => {
	const scene = new Scene();
	scene.account.positions = [flat('BTCUSDT', 0), flat('ETHUSDT', 1), flat('ETHUSDT', 2)];
	expect(scene.ask([BTC, ETH, SPOT])).toEqual([
		{ instrument: BTC, isHedged: false, margin: 'regular margin' },
		{ instrument: ETH, isHedged: true, margin: 'regular margin' },
	]);
	expect(scene.symbolsAsked).toEqual(['BTCUSDT', 'ETHUSDT']);
});

test.each([
	['one way', [{ positionIdx: 0, leverage: '10' }], 10],
	['in a hedge the least of both sides', [1, 2].map((positionIdx) => ({ positionIdx, leverage: String(positionIdx * 5) })), 5],
	['with portfolio margin none', [{ positionIdx: 0, leverage: '' }], undefined],
	['unless it is a number none', [{ positionIdx: 0, leverage: 'x' }], undefined],
])('the leverage: %s', (_name, rows, leverage) => {
	const scene = new Scene();
	scene.account.positions = rows.map((row) => ({ ...positionRow('0', '', 'BTCUSDT'), ...row }));
	expect(scene.ask([BTC])).toMatchObject([{ instrument: BTC, leverage }]);
});

test.each([
	['nobody knows of', []],
	['is numbered in no way that we know', [flat('BTCUSDT', '0')]],
	['is not numbered at all', [flat('BTCUSDT', undefined)]],
])('a position that %s says nothing', (_name, rows) => {
	const scene = new Scene();
	scene.account.positions = rows;
	expect(scene.ask([BTC])).toEqual([{ instrument: BTC, isHedged: undefined, margin: 'regular margin' }]);
});

test('what cannot be read is left out, and the rest is told', () => {
	const scene = new Scene();
	scene.account.positions = [flat('BTCUSDT', 1), flat('ETHUSDT', 0)];
	scene.account.spoiled.set('/v5/account/info', () => ({ kind: 'failed', detail: 'test' }));
	scene.account.spoiled.set('/v5/position/list', (good, { symbol }) =>
		symbol === 'BTCUSDT' ? { kind: 'failed', detail: 'test' } : good,
	);
	expect(scene.ask([BTC, ETH])).toEqual([
		{ instrument: BTC, isHedged: undefined, margin: undefined },
		{ instrument: ETH, isHedged: false, margin: undefined },
	]);
});

test('of many symbols ten are asked at a time, and each has its turn', () => {
	const scene = new Scene();
	const many = Array.from({ length: 23 }, (_, index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));
	const rounds = [0, 1, 2].map((round) => {
		scene.account.asked.length = 0;
		scene.ask(many, round);
		return scene.symbolsAsked;
	});
	expect(rounds.map(({ length }) => length)).toEqual([10, 10, 10]);
	expect(new Set(rounds.flat()).size).toBe(23);
});
