/** The futures market of the test venue: its REST routes, the desk behind them, and orders in one line. */
import { FuturesDesk } from './futures-desk.ts';
import { createFuturesRoutes } from './futures-routes.ts';
import { ANN, type Client, NOW_MS, openRest, type Reply, type RestDesk, type Row, type Values } from './scene.fixture.ts';
import { SPOT_ROUTES } from './spot-routes.ts';
import type { BinanceOptions } from './venue.ts';

export interface FuturesScene extends RestDesk {
	readonly desk: FuturesDesk;
	/** A limit order, good till cancelled unless said; signed by Ann unless said. */
	place(side: 'BUY' | 'SELL', quantity: string, price: string, more?: Values, client?: Client): Reply;
	/** What Ann asks for a second later, in seconds. */
	later(seconds: number): { readonly nowMs: number };
}

export const BTC: Values = { symbol: 'BTCUSDT' };

export function openFutures(options?: Partial<BinanceOptions>): FuturesScene {
	const desks: FuturesDesk[] = [];
	const rest = openRest(options, (venue) => {
		const desk = new FuturesDesk(venue);
		desks.push(desk);
		return { spot: SPOT_ROUTES, futures: createFuturesRoutes(desk).routes };
	});
	const [desk] = desks;
	if (desk === undefined) throw new Error('no routes were asked for');
	return {
		...rest,
		desk,
		place: (side, quantity, price, more = {}, client = ANN) =>
			rest.call<Row>(
				'POST',
				'/fapi/v1/order',
				{ ...BTC, side, type: 'LIMIT', timeInForce: 'GTC', quantity, price, ...more },
				{ client },
			),
		later: (seconds) => ({ nowMs: NOW_MS + seconds * 1_000 }),
	};
}

/** The id as it was printed, which a double cannot hold. */
export function idIn({ text }: Reply<unknown>): string {
	return /"orderId":(\d+)/.exec(text)?.[1] ?? '';
}
