/** The stages of ticks by the minute, out of counts that only ever grow: what came to them since the minute before. */
import { Buckets } from './buckets.ts';
import { type StageSource, stagesOf } from './stages.ts';

export interface StageMinute {
	readonly atMs: number;
	readonly tickP50: number | null;
	readonly tickP95: number | null;
	readonly decideP95: number | null;
	readonly journalP95: number | null;
}

const MINUTE_MS = 60_000;
/** Three hours. */
export const MINUTES_KEPT = 180;

export class StageMinutes {
	readonly #source: StageSource;
	readonly #before = new Map<string, Buckets>();
	#beganAtMs: number | undefined;
	#rows: StageMinute[] = [];

	constructor(source: StageSource) {
		this.#source = source;
	}

	/** Oldest first. */
	get rows(): readonly StageMinute[] {
		return this.#rows;
	}

	/** Now and then; nothing happens until a minute is over. */
	look(nowMs: number): void {
		this.#beganAtMs ??= nowMs;
		if (nowMs - this.#beganAtMs < MINUTE_MS) return;
		this.#beganAtMs = nowMs;
		const parts = [...this.#source.latencies()].map(({ labels, buckets }) => {
			return { labels, buckets: this.#since(`stage ${labels['stage'] ?? ''}`, buckets) };
		});
		const stages = stagesOf({ flush: this.#since('flush', this.#source.flush), latencies: () => parts });
		const of = (name: string) => stages.find((stage) => stage.name === name);
		this.#rows.push({
			...{ atMs: nowMs, tickP50: of('tick')?.p50 ?? null, tickP95: of('tick')?.p95 ?? null },
			...{ decideP95: of('decide')?.p95 ?? null, journalP95: of('journal')?.p95 ?? null },
		});
		if (this.#rows.length > MINUTES_KEPT) this.#rows = this.#rows.slice(-MINUTES_KEPT);
	}

	#since(name: string, now: Buckets): Buckets {
		const before = this.#before.get(name) ?? new Buckets();
		this.#before.set(name, Buckets.join([now]));
		return now.since(before);
	}
}
