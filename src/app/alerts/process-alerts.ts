/** What is wrong around the engine: memory, disk, keys that end, points that were lost. Looked at with everything else. */
import type { Clock } from '../../ports/clock.ts';
import type { Disk } from '../../ports/disk.ts';
import type { Condition } from '../../telemetry/alerts/alert-book.ts';
import type { AlertSource } from './alarm.ts';

export interface ProcessAlertsParts {
	readonly clock: Clock;
	/** Of the heap that there may be, what is taken, from 0 to 1. */
	readonly heapShare: () => number;
	readonly disk: Pick<Disk, 'freeBytes'>;
	/** Of the data. */
	readonly folder: string;
	/** By venue, where its key ends at all. */
	readonly keyEndsAtMs: ReadonlyMap<string, number>;
	/** Points for the time series database that were lost since the start. */
	readonly lostPoints: () => number;
}

/** Beyond it, collecting garbage takes the processor away from trading, and the process may end at any moment (F72). */
const HEAP_SHARE_MAX = 0.85;
const FREE_BYTES_MIN = 1024 ** 3;
const FREE_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;
/** Two weeks are enough for a person to make another (F55). */
const KEY_WARNING_MS = 14 * DAY_MS;
/** So long after the last loss it is over. */
const LOSS_LASTS_MS = 60_000;

export class ProcessAlerts implements AlertSource {
	readonly codes = ['memory-high', 'disk-low', 'key-expires', 'points-lost'] as const;
	readonly #parts: ProcessAlertsParts;
	#freeBytes = Number.POSITIVE_INFINITY;
	#askedAtMono = Number.NEGATIVE_INFINITY;
	#lostBefore = 0;
	#lostAtMono = Number.NEGATIVE_INFINITY;

	constructor(parts: ProcessAlertsParts) {
		this.#parts = parts;
	}

	conditions(): readonly Condition[] {
		this.#askForSpace();
		return [...this.#memory(), ...this.#space(), ...this.#keys(), ...this.#losses()];
	}

	#memory(): readonly Condition[] {
		const share = this.#parts.heapShare();
		if (!(share > HEAP_SHARE_MAX)) return [];
		return [{ code: 'memory-high', sentence: `${Math.round(share * 100)} % of the memory that the process may have is taken` }];
	}

	#askForSpace(): void {
		const { clock, disk, folder } = this.#parts;
		const nowMono = clock.monotonicMs();
		if (nowMono - this.#askedAtMono < FREE_EVERY_MS) return;
		this.#askedAtMono = nowMono;
		void disk.freeBytes(folder).then(
			(bytes) => {
				this.#freeBytes = bytes;
			},
			// A disk that does not tell will be heard of when it takes nothing.
			() => {},
		);
	}

	#space(): readonly Condition[] {
		if (!(this.#freeBytes < FREE_BYTES_MIN)) return [];
		const left = Math.floor(this.#freeBytes / 1024 ** 2);
		return [{ code: 'disk-low', sentence: `only ${left} MiB are free for ${this.#parts.folder}; without any nothing is placed` }];
	}

	#keys(): readonly Condition[] {
		const nowMs = this.#parts.clock.wallMs();
		return [...this.#parts.keyEndsAtMs].flatMap(([venue, endsAtMs]) => {
			const leftMs = endsAtMs - nowMs;
			if (leftMs >= KEY_WARNING_MS) return [];
			return [
				{ code: 'key-expires', venue, sentence: `the API key of ${venue} ${endText(leftMs)}: make a new one in time` } as const,
			];
		});
	}

	#losses(): readonly Condition[] {
		const lost = this.#parts.lostPoints();
		const nowMono = this.#parts.clock.monotonicMs();
		if (lost > this.#lostBefore) this.#lostAtMono = nowMono;
		this.#lostBefore = lost;
		if (nowMono - this.#lostAtMono >= LOSS_LASTS_MS) return [];
		return [{ code: 'points-lost', sentence: `${lost} points for InfluxDB were lost so far` }];
	}
}

function endText(leftMs: number): string {
	const days = Math.floor(leftMs / DAY_MS);
	if (leftMs <= 0) return 'has expired';
	return days === 0 ? 'expires today' : `expires in ${days === 1 ? '1 day' : `${days} days`}`;
}
