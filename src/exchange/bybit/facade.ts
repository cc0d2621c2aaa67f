/**
 * The whole of Bybit V5 behind one façade: REST and the sockets on one venue, so that they share keys, rate limits and
 * the exchange behind them.
 */
import type { Facade } from '../facade.ts';
import { runLimited } from './limited-entry.ts';
import { createBybitRest } from './rest.ts';
import type { BybitVenue } from './venue.ts';
import { createBybitSockets } from './ws.ts';

export function createBybitFacade(venue: BybitVenue): Facade {
	const rest = createBybitRest(venue);
	const sockets = createBybitSockets(venue, runLimited);
	return {
		request: (request, nowMs) => rest(request, nowMs),
		connect: (target, peer, nowMs) => sockets.connect(target, peer, nowMs),
		tick: (nowMs) => sockets.tick(nowMs),
	};
}
