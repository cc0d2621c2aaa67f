/**
 * The sockets of futures: streams of the market and of accounts behind `/public`, `/market` and `/private`, which serve
 * the same here; requests behind `/ws-fapi`, by the routes and limits of REST. The venue gives no user data there.
 */
import type { Peer } from '../facade.ts';
import type { MarketSockets } from './facade.ts';
import type { FuturesDesk } from './futures-desk.ts';
import { ChosenEvents, FuturesStreams, ListenStreams } from './futures-listen-streams.ts';
import { findFuturesStream } from './futures-streams.ts';
import { FuturesUserData } from './futures-user-data.ts';
import type { RouteTable } from './rest-route.ts';
import type { SocketTarget } from './socket-target.ts';
import type { BinanceVenue } from './venue.ts';
import { type ApiFloor, ApiSession } from './ws-api-session.ts';
import { StreamSession } from './ws-control.ts';
import { type Session, SocketHub } from './ws-session.ts';
import { StreamFloor } from './ws-stream.ts';

const PING_MS = 180_000;
const PONG_MS_MAX = 600_000;
const MESSAGES_PER_SEC_MAX = 10;
const STREAMS_MAX = 1_024;
const API_CONNECT_WEIGHT = 5;

export function createFuturesSockets(venue: BinanceVenue, desk: FuturesDesk, methods: RouteTable): MarketSockets {
	const { limitFactor } = venue.options;
	const hub = new SocketHub({ heartbeat: { everyMs: PING_MS, answerMsMax: PONG_MS_MAX }, limitFactor });
	const floor = new StreamFloor((name) => findFuturesStream(venue, name));
	venue.tapes.listen(floor);
	const userData = new FuturesUserData(venue, desk);
	const streams = new FuturesStreams(new ListenStreams(desk, userData), floor);
	const api: ApiFloor = { venue, market: 'futures', methods };
	const rules = { messagesPerSecMax: MESSAGES_PER_SEC_MAX * limitFactor, streamsMax: STREAMS_MAX };

	function open(target: SocketTarget, peer: Peer, nowMs: number): Session {
		const { query, remote } = target;
		if (target.door === 'ws-api') return new ApiSession(api, { peer, remote, query, nowMs });
		const events = parts(query.get('events'));
		const heard = events.length === 0 ? streams : new ChosenEvents(streams, events);
		const session = new StreamSession(heard, rules, target, peer);
		session.begin([...parts(query.get('listenKey')), ...target.names], nowMs);
		return session;
	}

	return {
		connect: (target, peer, nowMs) => {
			const { remote, door } = target;
			const refused = door === 'ws-api' ? venue.limits.futures.useWeight(remote, API_CONNECT_WEIGHT, nowMs) : null;
			if (refused !== null) return { kind: 'refused', status: refused.status, reason: refused.msg };
			return hub.open({ remote, peer, nowMs }, (socket) => open(target, socket, nowMs));
		},
		tick: (nowMs) => {
			desk.tick(nowMs);
			floor.tick(nowMs);
			userData.tick(nowMs);
			hub.tick(nowMs);
		},
	};
}

function parts(list: string | null): readonly string[] {
	return (list ?? '').split('/').filter((each) => each !== '');
}
