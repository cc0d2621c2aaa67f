/**
 * Whether a stream opens and lets us in, found out by one short connection: open, say hello or log in, hear the answer,
 * close. What fails on the way is tried again at once, since a single connection may always fail; what the venue itself
 * refuses is not.
 */
import type { SocketEnd, Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Finding } from './finding.ts';

export interface TrialParts {
	readonly transport: Transport;
	readonly clock: Clock;
	/** A venue may quote the key that it refuses. */
	readonly apiKey: string | undefined;
}

export interface StreamTrial {
	readonly check: string;
	/** As the subject of a sentence. */
	readonly subject: string;
	readonly url: string;
	/** Undefined: that it opens is answer enough. */
	readonly hello: (() => string) | undefined;
	readonly judge: (frame: Uint8Array) => FrameJudged;
	readonly good: string;
	readonly mend: string;
}

/** `other`: not the answer that we wait for. */
export type FrameJudged =
	| { readonly kind: 'in' }
	| { readonly kind: 'refused'; readonly why: string }
	| { readonly kind: 'other' };

type Heard = Exclude<FrameJudged, { kind: 'other' }> | { readonly kind: 'lost'; readonly why: string };

/** From opening to the answer. */
const ANSWER_WITHIN_MS = 5_000;
const TRIES_MAX = 3;
const TRY_AGAIN_MS = 300;

export async function trialFinding(parts: TrialParts, trial: StreamTrial): Promise<Finding> {
	const { check, subject, good, mend } = trial;
	const { host } = new URL(trial.url);
	let heard = await tryOnce(parts, trial);
	for (let tries = 1; heard.kind === 'lost' && tries < TRIES_MAX; tries += 1) {
		await new Promise<void>((resolve) => {
			parts.clock.after(TRY_AGAIN_MS, resolve);
		});
		heard = await tryOnce(parts, trial);
	}
	switch (heard.kind) {
		case 'in':
			return { check, level: 'ok', sentence: `${subject} ${good} at ${host}` };
		case 'refused':
			return { check, level: 'problem', sentence: `${subject} at ${host} refuses the API key (${heard.why}); ${mend}` };
		case 'lost':
			return { check, level: 'problem', sentence: `${subject} at ${host} gives no answer (${heard.why}); ${mend}` };
	}
}

function tryOnce({ transport, clock, apiKey }: TrialParts, { url, hello, judge }: StreamTrial): Promise<Heard> {
	return new Promise((resolve) => {
		const end = (heard: Heard): void => {
			timer.cancel();
			socket.close();
			resolve(heard);
		};
		const timer = clock.after(ANSWER_WITHIN_MS, () => end({ kind: 'lost', why: `none within ${ANSWER_WITHIN_MS / 1_000} s` }));
		const socket = transport.connect(
			{ url, handshakeTimeoutMs: ANSWER_WITHIN_MS },
			{
				opened: () => {
					if (hello === undefined) end({ kind: 'in' });
					else socket.send(hello());
				},
				received: (frame) => {
					const judged = judge(frame);
					if (judged.kind === 'in') end(judged);
					else if (judged.kind === 'refused') end({ kind: 'refused', why: judged.why.replaceAll(apiKey ?? '\0', '…') });
				},
				ponged: () => {},
				ended: (ended) => end({ kind: 'lost', why: endText(ended) }),
			},
		);
	});
}

function endText(ended: SocketEnd): string {
	switch (ended.kind) {
		case 'closed':
			return `closed with code ${ended.code}`;
		case 'refused':
			return ended.status === undefined ? ended.detail : `HTTP ${ended.status}`;
		case 'lost':
			return ended.detail;
	}
}
