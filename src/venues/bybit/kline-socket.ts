/** How Bybit speaks of candles, for the connection that carries them. */
import type { Category, Instrument } from '../../domain/instrument.ts';
import { KlineSocket as AnyKlineSocket, type KlineWords } from '../wire/kline-socket.ts';
import type { StreamWatch } from '../wire/stream-note.ts';
import { parseFrame } from './codec/plain.ts';
import { type Kline, type KlineInterval, klineTopic, klineTopicOf, readKlines } from './codec/plain-kline.ts';
import {
	CONNECTION_CHARS_MAX,
	HANDSHAKE_TIMEOUT_MS,
	publicHeartbeat,
	readAnswer,
	type SessionBasics,
	topicChars,
	topicWire,
} from './socket-wire.ts';

export interface KlineSocketParts extends SessionBasics {
	readonly name: string;
	readonly category: Category;
	readonly url: string;
	readonly heartbeatMs: number | undefined;
	readonly watch: StreamWatch;
}

/** The running candle while it changes, about once a second, and once more when it is closed. */
export type KlineHeard = (kline: Kline, instrument: Instrument) => void;

export type KlineSocket = AnyKlineSocket<KlineInterval, Kline>;

export function makeKlineSocket({ heartbeatMs, ...parts }: KlineSocketParts): KlineSocket {
	const words: KlineWords<KlineInterval, Kline> = {
		wire: topicWire(parts.category),
		heartbeat: publicHeartbeat(heartbeatMs),
		handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
		roomMax: CONNECTION_CHARS_MAX,
		roomOf: topicChars,
		topic: (symbol, interval) => klineTopic({ interval, symbol }),
		parse: parseFrame,
		topicOf(message) {
			const topic = klineTopicOf(message);
			return topic === undefined ? undefined : klineTopic(topic);
		},
		read: readKlines,
		readAnswer(message) {
			const answer = readAnswer(message);
			return answer?.kind === 'topics' ? answer : undefined;
		},
	};
	return new AnyKlineSocket({ ...parts, words });
}
