/** A spot market behind the transport port, in virtual time: streams, books and all that is asked without a key. */
import { FakeBinanceMarket } from '../../../test/fixtures/binance-public-venue.ts';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import type { HttpCall, HttpHeard } from '../../network/transport.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import type { VirtualClock } from '../../simulation/virtual-clock.ts';
import { json } from '../wire/rest-scene.suite.ts';
import { instrumentsOf } from './public-scene.suite.ts';
import { refusal } from './rest-scene.suite.ts';

const FILTERS = [
	{ filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000', stepSize: '0.001' },
	{ filterType: 'NOTIONAL', minNotional: '5' },
];
const KLINE = [1, '1', '1', '1', '1', '1', 2, '1', 1, '1', '1', '0'];

export class SpotPlace extends FakeTransport {
	readonly market: FakeBinanceMarket;
	readonly #clock: VirtualClock;
	/** Questions about symbols that are under way, and the most there were. */
	askedNow = 0;
	askedMost = 0;
	/** Asked for their price these are refused. */
	readonly priceless = new Set<string>();
	/** Of every symbol. */
	tickSize = '0.10';

	constructor(clock: VirtualClock) {
		super(clock);
		this.#clock = clock;
		this.market = new FakeBinanceMarket({ market: 'spot', clock, rng: seededRng(1), instruments: instrumentsOf('spot') });
		this.onConnect = this.market.accept;
	}

	override request({ target, origin }: HttpCall, heard: (heard: HttpHeard) => void): { abort(): void } {
		const { pathname, searchParams } = new URL(target, origin);
		const symbol = searchParams.get('symbol') ?? '';
		// Of futures there is what is loaded with a symbol, and nothing that moves.
		const path = pathname.replace(/^\/(api\/v3|fapi\/v1)\//, '');
		if (path === 'depth' && ['BTCUSDT', 'ETHUSDT'].includes(symbol)) {
			this.market.askDepth(symbol, Number(searchParams.get('limit')), (read) => {
				if (read.kind === 'failed') heard(refusal(-1008, 'Server is busy.', { status: 503 }));
				else heard({ kind: 'reply', status: 200, header: () => undefined, body: read.value });
			});
		} else this.#answerLater(path, symbol, heard);
		return { abort: () => undefined };
	}

	#answerLater(path: string, symbol: string, heard: (heard: HttpHeard) => void): void {
		const isCounted = symbol !== '';
		if (isCounted) this.askedNow += 1;
		this.askedMost = Math.max(this.askedMost, this.askedNow);
		this.#clock.after(20, () => {
			if (isCounted) this.askedNow -= 1;
			heard(this.#answer(path, symbol));
		});
	}

	#answer(path: string, symbol: string): HttpHeard {
		if (path === 'time') return json({ serverTime: this.#clock.wallMs() });
		if (path === 'depth') return json({ lastUpdateId: 1, bids: [['1', '1']], asks: [['2', '1']] });
		if (path === 'klines') return json([KLINE]);
		if (path === 'ticker/bookTicker') return json([]);
		if (path === 'exchangeInfo')
			return json({ rateLimits: [], symbols: ['BTCUSDT', 'ETHUSDT'].map((each) => listed(each, this.tickSize)) });
		return this.priceless.has(symbol) ? refusal(-1121, 'Invalid symbol.') : json({ symbol, price: '1.5' });
	}
}

function listed(symbol: string, tickSize: string): object {
	const price = { filterType: 'PRICE_FILTER', minPrice: '0.10', maxPrice: '1000000', tickSize };
	const coins = { baseAsset: symbol.slice(0, 3), quoteAsset: 'USDT', marginAsset: 'USDT', contractType: 'PERPETUAL' };
	return { symbol, status: 'TRADING', ...coins, isSpotTradingAllowed: true, filters: [price, ...FILTERS] };
}
