/**
 * What a client may ask of the carrier before it is refused or cut. Every buffer has a bound here, and the name says
 * what it bounds; what happens when it is reached stands beside it.
 */
export interface CarrierLimits {
	/** A longer request body is answered with 413. */
	readonly bodyBytesMax: number;
	/** A longer frame closes its socket with 1009. */
	readonly frameBytesMax: number;
	/** What may wait for a client that reads slowly; beyond it the client is cut with 1008. */
	readonly outboundBytesMax: number;
	/** Frames that latency holds back; beyond it the client is cut with 1008. */
	readonly inboundBytesMax: number;
	/** Beyond it connections are dropped unanswered. */
	readonly connectionsMax: number;
	/** Slower headers, and slower requests as a whole, are answered with 408. */
	readonly headersTimeoutMs: number;
	readonly requestTimeoutMs: number;
	/** An idle connection is kept for this long. */
	readonly keepAliveMs: number;
	/** How long a closing handshake, or a request in flight at the end, may take before the connection is torn down. */
	readonly closeGraceMs: number;
}

const MEBIBYTE = 1_048_576;

export const CARRIER_LIMITS: CarrierLimits = {
	bodyBytesMax: MEBIBYTE,
	frameBytesMax: MEBIBYTE,
	outboundBytesMax: 4 * MEBIBYTE,
	inboundBytesMax: 4 * MEBIBYTE,
	connectionsMax: 2_000,
	headersTimeoutMs: 5_000,
	requestTimeoutMs: 10_000,
	keepAliveMs: 30_000,
	closeGraceMs: 400,
};
