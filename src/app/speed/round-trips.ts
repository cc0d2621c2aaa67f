/** What a request costs that nobody has to think about: a bare round trip to the exchange, over the road that orders take. */
import { systemClock } from '../../network/system-clock.ts';
import { systemTransport } from '../../network/system-transport.ts';
import type { Socket } from '../../network/transport.ts';
import { isAllowedUrl } from '../../venues/bybit/urls.ts';
import type { Place } from './speed-place.ts';
import type { TickRoad } from './tick-app.ts';

export interface RoundTrips extends AsyncDisposable {
	/** One of them, in milliseconds. */
	measure(): Promise<number>;
}

const WITHIN_MS = 10_000;
const PING = '{"op":"ping"}';

/** On a connection of its own, which is open when this resolves. */
export async function openRoundTrips({ bybit }: Pick<Place, 'bybit'>, road: TickRoad): Promise<RoundTrips> {
	const clock = systemClock();
	const transport = systemTransport({ clock, isAllowed: (url) => isAllowedUrl('box', url) });
	const ask = road === 'ws' ? await overSocket(transport, bybit.trade) : overHttp(transport, bybit.rest);
	await ask();
	return {
		measure: async () => {
			const startedMono = clock.monotonicMs();
			await ask();
			return clock.monotonicMs() - startedMono;
		},
		[Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
	};
}

type Asking = () => Promise<void>;
type OpenTransport = ReturnType<typeof systemTransport>;

function overHttp(transport: OpenTransport, origin: string): Asking {
	const call = {
		origin,
		method: 'GET',
		target: '/v5/market/time',
		headers: [],
		pool: 'round trips',
		timeoutMs: WITHIN_MS,
	} as const;
	return () =>
		new Promise((resolve, reject) => {
			transport.request(call, (heard) => {
				if (heard.kind === 'reply') resolve();
				else reject(new Error(`a bare round trip got no answer: ${heard.detail}`));
			});
		});
}

async function overSocket(transport: OpenTransport, url: string): Promise<Asking> {
	const opened = Promise.withResolvers<void>();
	let asked = Promise.withResolvers<void>();
	const socket: Socket = transport.connect(
		{ url, handshakeTimeoutMs: WITHIN_MS },
		{
			opened: () => opened.resolve(),
			received: () => asked.resolve(),
			ponged: () => {},
			ended: (end) => {
				const error = new Error(`the connection for bare round trips is gone: ${end.kind}`);
				opened.reject(error);
				asked.reject(error);
			},
		},
	);
	// Whoever asks hears of its end.
	asked.promise.catch(() => {});
	await opened.promise;
	return async () => {
		asked = Promise.withResolvers<void>();
		asked.promise.catch(() => {});
		if (!socket.send(PING)) throw new Error('the connection for bare round trips is gone');
		await asked.promise;
	};
}
