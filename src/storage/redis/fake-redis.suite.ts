/** For tests: a Redis in memory on the virtual clock, which can be away, and connections to it. */
import type { Clock } from '../../ports/clock.ts';
import { type LinkParts, RedisLink, type RedisWire, type WireEvents } from './redis-link.ts';

export class FakeRedis {
	readonly #clock: Clock;
	readonly #events = new Set<WireEvents>();
	readonly kept = new Map<string, { readonly text: string; readonly untilMono: number }>();
	readonly published: [channel: string, text: string][] = [];
	/** What was asked of it, by anybody. */
	callCount = 0;
	state: 'up' | 'down' | 'hangs' = 'up';

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	connect(events: WireEvents): RedisWire {
		this.#events.add(events);
		queueMicrotask(() => (this.state === 'down' ? events.down('connect ECONNREFUSED') : events.up()));
		return {
			get: (key) => this.#answer(() => this.text(key) ?? null),
			set: (key, text, forMs) =>
				this.#answer(() => void this.kept.set(key, { text, untilMono: this.#clock.monotonicMs() + forMs })),
			remove: (key) => this.#answer(() => void this.kept.delete(key)),
			publish: (channel, text) => this.#answer(() => void this.published.push([channel, text])),
			close: () => void this.#events.delete(events),
		};
	}

	/** With all that it knew: it keeps nothing on disk. */
	goDown(): void {
		this.state = 'down';
		this.kept.clear();
		for (const { down } of this.#events) down('read ECONNRESET');
	}

	comeBack(): void {
		this.state = 'up';
		for (const { up } of this.#events) up();
	}

	text(key: string): string | undefined {
		const held = this.kept.get(key);
		return held !== undefined && held.untilMono > this.#clock.monotonicMs() ? held.text : undefined;
	}

	async #answer<T>(work: () => T): Promise<T> {
		this.callCount += 1;
		if (this.state === 'down') throw new Error('The client is closed');
		if (this.state === 'hangs') await new Promise(() => {});
		return work();
	}
}

export function linkTo(redis: FakeRedis, clock: Clock, say: LinkParts['say'] = () => {}): RedisLink {
	return new RedisLink({ clock, name: 'Redis', connect: async (events) => redis.connect(events), say });
}
