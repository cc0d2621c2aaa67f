/**
 * What a socket's address asks for. Clients put paths of their own before `/ws` and `/stream` and segments after it, so
 * only what is known is read: the market by the first part, what the socket is by the last ones.
 */
import type { ConnectTarget } from '../facade.ts';
import type { BinanceMarket } from './venue.ts';

/** `streams`: events; `ws-api`: requests and answers. */
export interface SocketTarget {
	readonly market: BinanceMarket;
	readonly door: 'streams' | 'ws-api';
	/** Of futures streams; null where the address does not say, and always on spot. */
	readonly part: 'public' | 'market' | 'private' | null;
	/** Frames wrapped as `{stream,data}` from the start: the address said `/stream`. */
	readonly isCombined: boolean;
	/** Names that the address itself subscribes to: segments after `/ws`, or `streams=a/b`. Some may be no streams. */
	readonly names: readonly string[];
	/** As on the wire: `listenKey`, `events`, `timeUnit`, `returnRateLimits`. */
	readonly query: URLSearchParams;
	readonly remote: string;
}

const PARTS = ['public', 'market', 'private'] as const;

/** Undefined for an address that is no socket's. */
export function socketTarget({ path, query, remote }: ConnectTarget): SocketTarget | undefined {
	const segments = path.split('/').filter((each) => each !== '');
	const values = new URLSearchParams(query);
	const api = segments.includes('ws-fapi') ? 'futures' : segments.includes('ws-api') ? 'spot' : undefined;
	const common = { query: values, remote };
	if (api !== undefined) return { ...common, market: api, door: 'ws-api', part: null, isCombined: false, names: [] };
	const at = segments.findIndex((each) => each === 'ws' || each === 'stream');
	if (at === -1) return undefined;
	const part = PARTS.find((each) => segments.slice(0, at).includes(each)) ?? null;
	const isCombined = segments[at] === 'stream';
	return {
		...common,
		market: part === null ? 'spot' : 'futures',
		door: 'streams',
		part,
		isCombined,
		names: isCombined ? (values.get('streams') ?? '').split('/').filter((each) => each !== '') : segments.slice(at + 1),
	};
}
