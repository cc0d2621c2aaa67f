/**
 * Creates as they came over the wire to an exchange in a process of its own, told by its tap: the exchange itself refuses a
 * client id that it knows, so its orders cannot show that one was sent twice. The tap forgets; what went by unseen is
 * counted. A create that was not taken for its time or its way may come once more, as in the simulated worlds.
 */
import type { TapEntry } from '../../src/exchange/control/tap.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { Broken, WireJudge } from '../fixtures/wire-judge.ts';

/** The tap does not say on which socket; creates come over this one alone. */
const WHERE = 'ws://box/v5/trade';

export class TappedCreates {
	readonly #wire = new WireJudge(new VirtualClock(0));
	/** One sentence for each create that came again. */
	readonly doubled: string[] = [];
	lastNumber = 0;
	missedCount = 0;

	get createdCount(): number {
		return this.#wire.createdCount;
	}

	/** Oldest first, all of them later than those before. */
	hear(entries: readonly TapEntry[]): void {
		for (const entry of entries) {
			this.missedCount += entry.number - this.lastNumber - 1;
			this.lastNumber = entry.number;
			if (entry.kind === 'in' || entry.kind === 'out') {
				const { socket: number, text } = entry;
				this.#pass({ way: entry.kind === 'in' ? 'out' : 'in', what: 'frame', where: WHERE, number, text });
			} else if (entry.kind === 'request') {
				const { request, reply } = entry;
				const call = { what: 'http', where: request.path, number: -entry.number } as const;
				this.#pass({ ...call, way: 'out', text: String(request.body) });
				this.#pass({ ...call, way: 'in', status: reply.status, text: String(reply.body) });
			}
		}
	}

	#pass(passing: Parameters<WireJudge['passes']>[0]): void {
		try {
			this.#wire.passes(passing);
		} catch (error) {
			if (!(error instanceof Broken)) throw error;
			this.doubled.push(error.message);
		}
	}
}
