/**
 * The whole of Bybit V5 behind one façade: REST and the sockets on one venue, so that they share keys, rate limits, the
 * tapes of its symbols and the exchange behind them.
 */
import type { Facade } from '../facade.ts';
import { NO_PAST, type Past } from '../market/past.ts';
import { runLimited } from './limited-entry.ts';
import { createBybitRest } from './rest.ts';
import { Tapes } from './tape.ts';
import type { BybitVenue } from './venue.ts';
import { createBybitSockets } from './ws.ts';

export function createBybitFacade(venue: BybitVenue, past: Past = NO_PAST): Facade {
	const tapes = new Tapes(venue, past);
	const rest = createBybitRest(venue, tapes);
	const sockets = createBybitSockets(venue, tapes, runLimited);
	return {
		request: (request, nowMs) => rest(request, nowMs),
		connect: (target, peer, nowMs) => sockets.connect(target, peer, nowMs),
		tick: (nowMs) => sockets.tick(nowMs),
	};
}
