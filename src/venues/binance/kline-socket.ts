/** How Binance speaks of candles, for the connection that carries them. */
import type { Instrument } from '../../domain/instrument.ts';
import { KlineSocket as AnyKlineSocket, type KlineWords } from '../wire/kline-socket.ts';
import type { StreamWatch } from '../wire/stream-note.ts';
import type { Market } from './codec/frames.ts';
import { parseFrame } from './codec/plain.ts';
import { type KlineInterval, klineStream, klineStreamOf, type LiveKline, readKlines } from './codec/plain-kline.ts';
import { PacedSender } from './paced-sender.ts';
import {
	HANDSHAKE_TIMEOUT_MS,
	MESSAGES_PER_SEC,
	publicHeartbeat,
	readAnswer,
	type SessionBasics,
	STREAMS_MAX,
	topicWire,
} from './socket-wire.ts';

export interface KlineSocketParts extends SessionBasics {
	readonly name: string;
	readonly category: Market;
	readonly url: string;
	readonly heartbeatMs: number | undefined;
	readonly watch: StreamWatch;
}

/** The running candle while it changes, every 2 s or faster, and once more when it is closed. */
export type KlineHeard = (kline: LiveKline, instrument: Instrument) => void;

export type KlineSocket = AnyKlineSocket<KlineInterval, LiveKline>;

export function makeKlineSocket({ heartbeatMs, ...parts }: KlineSocketParts): KlineSocket {
	const { clock, category } = parts;
	const words: KlineWords<KlineInterval, LiveKline> = {
		wire: topicWire(),
		heartbeat: publicHeartbeat(heartbeatMs),
		handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
		roomMax: STREAMS_MAX[category],
		roomOf: () => 1,
		topic: klineStream,
		parse: parseFrame,
		topicOf: klineStreamOf,
		read: readKlines,
		readAnswer,
		paced: (send) => new PacedSender({ clock, messagesPerSec: MESSAGES_PER_SEC[category], send }),
	};
	return new AnyKlineSocket({ ...parts, words });
}
