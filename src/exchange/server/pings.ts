/**
 * The pings that a venue sends its clients by itself, as frames of the protocol. Only an answer counts as one: whoever is
 * silent for too long is given up, even if it sends other frames.
 */
import type { WebSocket } from 'ws';
import type { Clock } from '../../ports/clock.ts';
import type { Heartbeat } from '../facade.ts';

/** What a ping carries, and its answer with it: its number. */
const PING = /^\d{1,9}$/;

export interface Pinging {
	stop(): void;
}

export function ping(
	socket: Pick<WebSocket, 'ping' | 'on'>,
	{ everyMs, answerMsMax }: Heartbeat,
	clock: Clock,
	giveUp: () => void,
): Pinging {
	let count = 0;
	/** Of the oldest ping that was not answered. */
	let waitingSinceMono: number | null = null;
	let timer = clock.after(everyMs, beat);
	socket.on('pong', (data: Buffer) => {
		// Pongs that nobody asked for are allowed, and do not count.
		if (PING.test(data.toString()) && Number(data.toString()) <= count) waitingSinceMono = null;
	});

	function beat(): void {
		const nowMono = clock.monotonicMs();
		if (waitingSinceMono !== null && nowMono - waitingSinceMono >= answerMsMax) {
			giveUp();
			return;
		}
		waitingSinceMono ??= nowMono;
		count += 1;
		socket.ping(String(count));
		timer = clock.after(everyMs, beat);
	}

	return { stop: () => timer.cancel() };
}
