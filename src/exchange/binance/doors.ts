/** What stands behind each market of the venue: its REST routes and its sockets, which share one desk of state. */
import type { MarketDoors } from './facade.ts';
import { FuturesDesk } from './futures-desk.ts';
import { createFuturesRoutes } from './futures-routes.ts';
import { createFuturesSockets } from './futures-sockets.ts';
import { SPOT_METHODS, SPOT_ROUTES } from './spot-routes.ts';
import { createSpotSockets } from './spot-sockets.ts';
import type { BinanceMarket, BinanceVenue } from './venue.ts';

export function binanceDoors(venue: BinanceVenue): Readonly<Record<BinanceMarket, MarketDoors>> {
	const desk = new FuturesDesk(venue);
	const futures = createFuturesRoutes(desk);
	return {
		spot: { routes: SPOT_ROUTES, sockets: createSpotSockets(venue, SPOT_METHODS) },
		futures: { routes: futures.routes, sockets: createFuturesSockets(venue, desk, futures.methods) },
	};
}
