/**
 * The sockets of spot: market streams behind `/ws` and `/stream`, requests and user data behind `/ws-api`. All share one
 * floor of streams, one teller of user data, and the limits of the REST side.
 */
import type { Peer } from '../facade.ts';
import type { MarketSockets } from './facade.ts';
import type { RouteTable } from './rest-route.ts';
import type { SocketTarget } from './socket-target.ts';
import { findSpotStream } from './spot-streams.ts';
import { SpotSubscriptions } from './spot-subscriptions.ts';
import { SpotUserData } from './spot-user-data.ts';
import type { BinanceVenue } from './venue.ts';
import { type ApiFloor, ApiSession } from './ws-api-session.ts';
import { StreamSession } from './ws-control.ts';
import { type Session, SocketHub } from './ws-session.ts';
import { StreamFloor } from './ws-stream.ts';
import { inTimeUnit } from './ws-time-unit.ts';

const PING_MS = 20_000;
const PONG_MS_MAX = 60_000;
const MESSAGES_PER_SEC_MAX = 5;
const STREAMS_MAX = 1_024;
const API_CONNECT_WEIGHT = 2;

export function createSpotSockets(venue: BinanceVenue, methods: RouteTable): MarketSockets {
	const { limitFactor } = venue.options;
	const hub = new SocketHub({ heartbeat: { everyMs: PING_MS, answerMsMax: PONG_MS_MAX }, limitFactor });
	const floor = new StreamFloor((name) => findSpotStream(venue, name));
	venue.tapes.listen(floor);
	const userData = new SpotUserData(venue);
	const api: ApiFloor = {
		venue,
		market: 'spot',
		methods,
		extras: (session) => new SpotSubscriptions(session, userData),
	};
	const rules = { messagesPerSecMax: MESSAGES_PER_SEC_MAX * limitFactor, streamsMax: STREAMS_MAX };

	function open(target: SocketTarget, peer: Peer, nowMs: number): Session {
		if (target.door === 'ws-api') return new ApiSession(api, { peer, remote: target.remote, query: target.query, nowMs });
		const session = new StreamSession(floor, rules, target, peer);
		session.begin(target.names, nowMs);
		return session;
	}

	return {
		connect: (target, peer, nowMs) => {
			const { remote, door, query } = target;
			const refused = door === 'ws-api' ? venue.limits.spot.useWeight(remote, API_CONNECT_WEIGHT, nowMs) : null;
			if (refused !== null) return { kind: 'refused', status: refused.status, reason: refused.msg };
			return hub.open({ remote, peer: inTimeUnit(peer, query), nowMs }, (socket) => open(target, socket, nowMs));
		},
		tick: (nowMs) => {
			floor.tick(nowMs);
			hub.tick(nowMs);
		},
	};
}
