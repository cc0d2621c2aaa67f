/**
 * The whole of Binance behind one façade: REST and sockets of spot and of USDⓈ-M futures, told apart by their paths, with
 * keys in common and everything else apart.
 */
import type { Connected, ConnectTarget, Facade, Peer } from '../facade.ts';
import { createRest } from './rest.ts';
import type { RouteTable } from './rest-route.ts';
import { type SocketTarget, socketTarget } from './socket-target.ts';
import type { BinanceMarket, BinanceVenue } from './venue.ts';

/** The sockets of one market. */
export interface MarketSockets {
	connect(target: SocketTarget, peer: Peer, nowMs: number): Connected;
	tick(nowMs: number): void;
}

/** What one market adds: its REST routes by `GET /api/v3/time`, and its sockets. */
export interface MarketDoors {
	readonly routes: RouteTable;
	readonly sockets: MarketSockets;
}

export function createBinanceFacade(venue: BinanceVenue, doors: Readonly<Record<BinanceMarket, MarketDoors>>): Facade {
	const rest = createRest(venue, { spot: doors.spot.routes, futures: doors.futures.routes });
	return {
		request: (request, nowMs) => rest(request, nowMs),
		connect: (target: ConnectTarget, peer, nowMs) => {
			const found = socketTarget(target);
			if (found === undefined) return { kind: 'refused', status: 404, reason: 'Not Found' };
			return doors[found.market].sockets.connect(found, peer, nowMs);
		},
		tick: (nowMs) => {
			doors.spot.sockets.tick(nowMs);
			doors.futures.sockets.tick(nowMs);
		},
	};
}
