import { describe, expect, test } from 'vitest';
import { type Money, parseMoney, printMoney } from '../domain/money.ts';
import { monoMs } from '../domain/units.ts';
import { Capital, type OwnSum, type OwnSums } from './capital.ts';

const usdt = (text: string) => parseMoney(text) as Money;

/** What our facts say, for every coin alike unless it is said for one. */
const sums = (sum: { changed?: string; unrealised?: string; isHolding?: boolean } = {}): OwnSums => {
	const { changed = '0', unrealised = '0', isHolding = false } = sum;
	const own: OwnSum = { changed: usdt(changed), unrealised: usdt(unrealised), isHolding };
	return () => own;
};
const told = (total: string, atMono: number, wallet?: string) => {
	return { venue: 'bybit', wallet, currency: 'USDT', total: usdt(total), monoMs: monoMs(atMono) };
};
const shown = (capital: Capital, atMono: number, own: OwnSums = sums()) => {
	const amount = capital.at(monoMs(atMono), () => own).get('USDT');
	return amount === undefined ? undefined : printMoney(amount);
};

describe('capital', () => {
	test('is what the venue says, until we have traded, and afterwards what it says less what came of it', () => {
		const capital = new Capital();
		expect([capital.isKnown, shown(capital, 0)]).toEqual([false, undefined]);
		capital.applyBalance(told('1000', 1), () => sums());
		expect([capital.isKnown, shown(capital, 5)]).toEqual([true, '1000']);
		capital.applyMove('bybit', monoMs(10));
		capital.applyBalance(told('993', 12), () => {
			throw new Error('what is known for sure is not worked out with every balance');
		});
		expect(shown(capital, 5_000, sums({ changed: '-7' }))).toBe('1000');
	});

	test('shows what was paid in once nothing has moved for a moment', () => {
		const capital = new Capital();
		capital.applyBalance(told('1000', 1), () => sums());
		capital.applyBalance(told('1500', 10), () => sums());
		expect([11, 2_009, 2_010].map((atMono) => shown(capital, atMono))).toEqual(['1000', '1000', '1500']);
	});

	test.each([
		{ name: 'balance first', balanceAtMono: 10, moveAtMono: 11 },
		{ name: 'fill first', balanceAtMono: 11, moveAtMono: 10 },
	])('does not count a fill twice whose balance comes a moment apart: $name', ({ balanceAtMono, moveAtMono }) => {
		const capital = new Capital();
		capital.applyBalance(told('1000', 1), () => sums());
		const steps = [
			{ at: balanceAtMono, do: () => capital.applyBalance(told('400', balanceAtMono), () => sums()) },
			{ at: moveAtMono, do: () => capital.applyMove('bybit', monoMs(moveAtMono)) },
		].sort((one, other) => one.at - other.at);
		steps[0]?.do();
		expect(shown(capital, 10.5)).toBe('1000');
		steps[1]?.do();
		// The balance has its word, our own books do not yet.
		expect(shown(capital, 12)).toBe('1000');
		expect(shown(capital, 5_000, sums({ changed: '-600' }))).toBe('1000');
	});

	test('keeps what it was while the balance that follows from a fill has not come', () => {
		const capital = new Capital();
		capital.applyBalance(told('1000', 1), () => sums());
		capital.applyMove('bybit', monoMs(10_000));
		expect(shown(capital, 20_000, sums({ changed: '-600' }))).toBe('1000');
	});

	test('keeps what it was while a position is held, whatever the venue says that is worth', () => {
		const capital = new Capital();
		capital.applyBalance(told('1000', 1), () => sums());
		const holding = sums({ changed: '-1', unrealised: '20', isHolding: true });
		capital.applyBalance(told('1033', 9_000), () => holding);
		expect(shown(capital, 9_001, holding)).toBe('1000');
		expect(shown(capital, 99_000, holding)).toBe('1000');
	});

	test('of a run that begins with a position follows the venue until that is closed', () => {
		const capital = new Capital();
		const holding = sums({ changed: '-1', unrealised: '20', isHolding: true });
		capital.applyBalance(told('1020', 1), () => holding);
		expect(shown(capital, 2, holding)).toBe('1001');
		capital.applyBalance(told('1019', 3), () => holding);
		expect(shown(capital, 4, holding)).toBe('1000');
		capital.applyBalance(told('1030', 9_000), () => sums({ changed: '30' }));
		expect(shown(capital, 12_000, sums({ changed: '30' }))).toBe('1000');
		capital.applyBalance(told('1050', 13_000), () => holding);
		expect(shown(capital, 20_000, holding)).toBe('1000');
	});

	test('that was first told of while something moved is not believed for long', () => {
		const capital = new Capital();
		capital.applyMove('bybit', monoMs(10));
		// The balance knows of the fill, our books do not yet.
		capital.applyBalance(told('993', 12), () => sums());
		capital.applyBalance(told('990', 500), () => sums({ changed: '-10', isHolding: true }));
		expect(shown(capital, 600, sums({ changed: '-10', isHolding: true }))).toBe('1000');
	});

	test('waits for the mark of what is held', () => {
		const capital = new Capital();
		const unknown: OwnSums = () => undefined;
		capital.applyBalance(told('1020', 1), () => unknown);
		expect([shown(capital, 2, unknown), capital.isKnown]).toEqual([undefined, false]);
		capital.applyBalance(told('1020', 3), () => sums({ unrealised: '20', isHolding: true }));
		expect([shown(capital, 4, unknown), capital.isKnown]).toEqual(['1000', true]);
		capital.applyBalance({ ...told('1', 5), currency: 'BTC' }, () => unknown);
		expect([shown(capital, 6, unknown), capital.isKnown]).toEqual(['1000', false]);
	});

	test('is worked out once where nothing moves any more', () => {
		const capital = new Capital();
		let looks = 0;
		const counted = () => {
			looks += 1;
			return sums();
		};
		capital.applyBalance(told('1000', 1), counted);
		for (const atMono of [2, 100, 5_000, 6_000, 60_000]) capital.at(monoMs(atMono), counted);
		expect(looks).toBe(2);
		capital.applyMove('bybit', monoMs(70_000));
		capital.applyBalance(told('993', 70_010), counted);
		for (const atMono of [70_020, 72_009, 72_010, 80_000]) capital.at(monoMs(atMono), counted);
		expect(looks).toBe(3);
	});

	test('that waited for a mark is known as soon as there is one', () => {
		const capital = new Capital();
		capital.applyBalance(told('1020', 1), () => () => undefined);
		expect(shown(capital, 10, sums({ unrealised: '20', isHolding: true }))).toBe('1000');
	});

	test('adds up the wallets of a venue, and the venues', () => {
		const capital = new Capital();
		capital.applyBalance(told('100', 1, 'futures'), () => sums());
		expect(shown(capital, 2)).toBe('100');
		capital.applyBalance(told('30', 3, 'spot'), () => sums());
		capital.applyBalance({ ...told('7', 4), venue: 'binance' }, () => sums());
		expect(shown(capital, 5)).toBe('137');
		const holding = sums({ isHolding: true });
		capital.applyBalance(told('1', 6, 'earn'), () => holding);
		expect(shown(capital, 7, holding)).toBe('138');
	});

	test('of one wallet does not turn on the news of another coin or venue', () => {
		const capital = new Capital();
		capital.applyBalance(told('100', 1), () => sums());
		capital.applyBalance({ ...told('5', 2), currency: 'BTC' }, () => sums());
		expect([...capital.at(monoMs(3), sums).keys()]).toEqual(['USDT', 'BTC']);
		expect(shown(capital, 3)).toBe('100');
	});
});
