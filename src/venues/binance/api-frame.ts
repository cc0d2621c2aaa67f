/**
 * A request on the WS API: one frame, found again by its id. It is signed by itself, unless its socket has logged on; a
 * log-on is signed as any other.
 */
import { type Credentials, type FrameParams, framePayload } from './sign.ts';

export interface ApiRequest {
	readonly id: string;
	readonly method: string;
	readonly params: FrameParams;
}

export interface ApiStamp {
	readonly credentials: Credentials;
	/** By the venue's clock. */
	readonly timestampMs: number;
	readonly recvWindowMs: number;
	/** Then the socket speaks for the key, and only the time is asked for. */
	readonly isLoggedOn: boolean;
}

export function apiFrame({ id, method, params }: ApiRequest, stamp: ApiStamp): string {
	const { credentials, timestampMs, recvWindowMs } = stamp;
	const stamped: FrameParams = { ...params, recvWindow: recvWindowMs, timestamp: timestampMs };
	if (stamp.isLoggedOn) return JSON.stringify({ id, method, params: stamped });
	const keyed: FrameParams = { ...stamped, apiKey: credentials.apiKey };
	return JSON.stringify({ id, method, params: { ...keyed, signature: credentials.sign(framePayload(keyed)) } });
}
