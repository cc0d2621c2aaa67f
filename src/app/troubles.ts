/**
 * What happens on the way to a venue, in sentences for the person at the terminal: that a stream is down, that it is back,
 * that the venue refuses something. The same sentence is not said again for a while, however often it happens.
 */
import type { EngineNote } from '../engine/ports.ts';
import type { Exhaustion } from '../network/transport-limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { StreamNote } from '../venues/wire/stream-note.ts';

const SAY_AGAIN_MS = 60_000;
/** Far more than there are kinds of trouble; beyond it old ones may be said again. */
const REMEMBERED_MAX = 500;

export class Troubles {
	readonly #clock: Clock;
	readonly #say: (sentence: string) => void;
	readonly #saidAtMono = new Map<string, number>();
	/** Sockets that were open and are not. */
	readonly #down = new Set<string>();
	readonly #up = new Set<string>();

	constructor(parts: { readonly clock: Clock; readonly say: (sentence: string) => void }) {
		this.#clock = parts.clock;
		this.#say = parts.say;
	}

	/** `venue` is told where there are several. */
	hearStream(note: StreamNote, venue?: string): void {
		const whose = venue ?? 'the venue';
		switch (note.kind) {
			case 'session':
				this.#hearSession(note, venue);
				return;
			case 'topicRefused':
				this.#tell(`${whose} refuses ${note.topic} on the ${note.socket} stream: ${note.message}`);
				return;
			case 'loginRefused':
				this.#tell(`${whose} refuses the login of a stream: ${note.message}`);
				return;
			case 'snapshotFailed':
				this.#tell(`the state of the account${ofVenue(venue)} could not be read whole, it is read again: ${note.detail}`);
				return;
			case 'bookLost':
			case 'badFrame':
				// Mended by itself within a moment; the figures count what it costs.
				return;
		}
	}

	/** What of the engine's notes a person has to know of at once. */
	hearNote(note: EngineNote): void {
		const sentence = sentenceOf(note);
		if (sentence !== undefined) this.#tell(sentence);
	}

	hearExhaustion({ pool, count }: Exhaustion): void {
		const { pool: name, origin, active, queued } = pool;
		this.#tell(
			`all connections of the pool ${name} to ${origin} are taken (${active} busy, ${queued} calls waiting), ${count} calls were turned away so far`,
		);
	}

	#hearSession({ socket, state, reason }: Extract<StreamNote, { kind: 'session' }>, venue: string | undefined): void {
		const stream = `${socket} stream${ofVenue(venue)}`;
		if (state === 'open') {
			this.#up.add(stream);
			if (this.#down.delete(stream)) this.#say(`the ${stream} is back`);
		} else if (state === 'degraded') {
			this.#tell(`the ${stream} does not come up (${reason}); it is tried on and on, slowly`);
		} else if (state === 'waiting' && this.#up.delete(stream)) {
			this.#down.add(stream);
			this.#say(`the ${stream} is down (${reason}); connecting again`);
		}
	}

	#tell(sentence: string): void {
		const nowMono = this.#clock.monotonicMs();
		if (nowMono - (this.#saidAtMono.get(sentence) ?? Number.NEGATIVE_INFINITY) < SAY_AGAIN_MS) return;
		if (this.#saidAtMono.size >= REMEMBERED_MAX) this.#saidAtMono.clear();
		this.#saidAtMono.set(sentence, nowMono);
		this.#say(sentence);
	}
}

function ofVenue(venue: string | undefined): string {
	return venue === undefined ? '' : ` of ${venue}`;
}

function sentenceOf(note: EngineNote): string | undefined {
	switch (note.kind) {
		case 'refusedAgain':
			return `the venue refuses orders of ${note.instrument} again and again (${note.reason}); they are tried less and less often`;
		case 'held':
			return `${note.instrument} is not quoted for a while: ${note.reason}`;
		case 'leverageChanged':
			return `somebody has changed the leverage of ${note.instrument} from ${note.before} to ${note.leverage}, which is enough for what is done here`;
		case 'foreignOrders': {
			const { venue, count } = note;
			if (count === 0) return `at ${venue} no order of anybody else is open in our symbols any more`;
			return `at ${venue} ${count === 1 ? 'an order' : `${count} orders`} of somebody else ${count === 1 ? 'is' : 'are'} open in our symbols; what fills there moves our positions`;
		}
		case 'flattened':
			if (note.leftLots === 0) return `${note.instrument} is closed`;
			return `${note.instrument} is closed but for ${note.leftLots} lots, which the venue does not take`;
		case 'flattenRefused':
			return `${note.instrument}: the next slice may not leave yet (${note.reason}); it is tried again`;
		case 'exitRefused':
			return `the exit of decision ${note.decisionId} may not leave yet (${note.reason}); it is tried again`;
		case 'unwatched':
			return `${note.instrument} is not listed any more: what decision ${note.decisionId} opened there is not watched`;
		default:
			return undefined;
	}
}
