/** The official connectors as they come from their authors, pointed at a box. */
import { DerivativesTradingUsdsFutures } from '@binance/derivatives-trading-usds-futures';
import { Spot } from '@binance/spot';
import type { BinanceBox, Keys } from './binance.ts';

/** Their usual second is short for a machine that does other things as well. */
const TIMEOUT_MS = 5_000;
const RECONNECT_AFTER_MS = 100;

/** A secret, or a private key in PEM: they take either, each in an option of its own. */
function credentials({ apiKey, apiSecret }: Keys): { apiKey: string } & ({ apiSecret: string } | { privateKey: string }) {
	return apiSecret.startsWith('-----') ? { apiKey, privateKey: apiSecret } : { apiKey, apiSecret };
}

export function spotConnector(box: BinanceBox, keys: Keys = box.account): Spot {
	const signed = credentials(keys);
	return new Spot({
		configurationRestAPI: { ...signed, basePath: box.rest, timeout: TIMEOUT_MS },
		configurationWebsocketStreams: { wsURL: box.sockets, reconnectDelay: RECONNECT_AFTER_MS },
		configurationWebsocketAPI: {
			...signed,
			wsURL: box.urls.spot.wsApi,
			timeout: TIMEOUT_MS,
			reconnectDelay: RECONNECT_AFTER_MS,
		},
	});
}

export function futuresConnector(box: BinanceBox, keys: Keys = box.account): DerivativesTradingUsdsFutures {
	const signed = credentials(keys);
	return new DerivativesTradingUsdsFutures({
		configurationRestAPI: { ...signed, basePath: box.rest, timeout: TIMEOUT_MS },
		configurationWebsocketStreams: { wsURL: box.sockets, reconnectDelay: RECONNECT_AFTER_MS },
		configurationWebsocketAPI: { ...signed, wsURL: box.urls.futures.wsApi, timeout: TIMEOUT_MS },
	});
}

/** The body of an answer, which has to be asked for once more. */
export async function body<T>(answer: Promise<{ readonly data: () => Promise<T> }>): Promise<T> {
	return (await answer).data();
}
