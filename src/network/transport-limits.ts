/** The bounds of a transport, real or virtual, and what holds unless somebody says otherwise. */
import type { PoolFigures } from './transport.ts';

/** Of one pool: the connections that one name has to one origin. */
export interface PoolPlan {
	readonly connections: number;
	/** Calls that may wait for a connection; the next one is told `exhausted`. */
	readonly waitingMax: number;
}

export interface TransportLimits {
	/** HTTP connections, all hosts and pools together. */
	readonly connectionsMax: number;
	/** Of one pool to one host, whatever its plan says. */
	readonly connectionsPerHostMax: number;
	/** By the name of the pool. */
	readonly plans: Readonly<Record<string, PoolPlan>>;
	/** Of pools without a plan. */
	readonly plan: PoolPlan;
	/** An idle connection is closed after this long, or earlier when the server announces so. */
	readonly keepAliveMs: number;
	readonly connectTimeoutMs: number;
	/** No call takes longer, whatever it asks for. */
	readonly callTimeoutMsMax: number;
	readonly replyBytesMax: number;
	readonly frameBytesMax: number;
	/** A socket whose peer takes so little that more than this is left unsent is ended. */
	readonly unsentBytesMax: number;
}

const MEBIBYTE = 1_048_576;

export const TRANSPORT_LIMITS: TransportLimits = {
	connectionsMax: 200,
	connectionsPerHostMax: 50,
	// A flush of fifty symbols is fifty batches; a batch that waits for a connection costs a second round trip.
	plans: { orders: { connections: 50, waitingMax: 200 } },
	plan: { connections: 20, waitingMax: 1_000 },
	keepAliveMs: 60_000,
	connectTimeoutMs: 10_000,
	callTimeoutMsMax: 30_000,
	replyBytesMax: MEBIBYTE,
	frameBytesMax: 16 * MEBIBYTE,
	unsentBytesMax: 16 * MEBIBYTE,
};

/** How long a polite good-bye may wait for its answer. */
export const GOODBYE_MS_MAX = 1_000;

/** A call was turned away because its pool and the pool's queue are full. */
export interface Exhaustion {
	readonly pool: PoolFigures;
	/** Since the transport was opened. */
	readonly count: number;
}

/** What every transport is opened with. */
export interface TransportOptions {
	/** Asked with an origin or a socket's URL before anything is opened; what it does not allow is refused. */
	readonly isAllowed: (url: string) => boolean;
	readonly limits?: Partial<TransportLimits>;
	readonly onExhausted?: (exhaustion: Exhaustion) => void;
}
