/**
 * Which alerts stand and which have stood: what began, how often it came back, and when it was over. Pure: the time is
 * handed in, and whoever listens hears of each change. A trouble that comes and goes is one alert with a count, so that
 * nobody is told of it every second.
 */
import { ALERTS, type AlertCode, type Severity } from './alert-codes.ts';

/** What an alert is about: one of a code, a symbol, a venue and what else tells it from others stands at a time. */
export interface AlertAbout {
	readonly code: AlertCode;
	readonly symbol?: string | undefined;
	readonly venue?: string | undefined;
	/** Tells several of one code apart, such as the streams of a venue. */
	readonly subject?: string | undefined;
}

export interface Condition extends AlertAbout {
	/** For a person. */
	readonly sentence: string;
}

export interface Alert {
	readonly id: string;
	readonly code: AlertCode;
	readonly severity: Severity;
	readonly sentence: string;
	readonly symbol: string | undefined;
	readonly venue: string | undefined;
	readonly subject: string | undefined;
	readonly sinceMs: number;
	/** Undefined while it lasts. */
	readonly endedMs: number | undefined;
	/** How often it began. */
	readonly count: number;
}

export interface AlertChange {
	/** `passed` is what happened at one moment: it is heard of once, and over already. */
	readonly kind: 'begun' | 'again' | 'ended' | 'passed';
	readonly alert: Alert;
}

type Kept = { -readonly [Field in keyof Alert]: Alert[Field] };

/** What begins anew so soon after its end is the same alert. */
export const SAME_WITHIN_MS = 60_000;
/** Beyond, the oldest that is over is forgotten. */
const KEPT_MAX = 500;
/**
 * Beyond, only what is critical or of no symbol is taken, of which there cannot be many more; far above what a venue with
 * hundreds of symbols can bring about.
 */
const STANDING_MAX = 2_000;

export class AlertBook {
	readonly #hear: (change: AlertChange) => void;
	readonly #standing = new Map<string, Kept>();
	/** By what they are about, the one that ended last at the end. */
	readonly #over = new Map<string, Kept>();
	#lastId = 0;

	constructor(hear: (change: AlertChange) => void) {
		this.#hear = hear;
	}

	/** It is so now, whether it was or not; another sentence takes the place of the one before. */
	begin(condition: Condition, nowMs: number): void {
		const key = keyOf(condition);
		const known = this.#standing.get(key);
		if (known !== undefined) {
			known.sentence = condition.sentence;
			return;
		}
		const isNeeded = ALERTS[condition.code].severity === 'critical' || condition.symbol === undefined;
		if (this.#standing.size >= STANDING_MAX && !isNeeded) return;
		const alert = this.#taken(condition, nowMs);
		this.#standing.set(key, alert);
		this.#hear({ kind: alert.count > 1 ? 'again' : 'begun', alert: { ...alert } });
	}

	end(about: AlertAbout, nowMs: number): void {
		this.#end(keyOf(about), nowMs);
	}

	/** Something that happened, and does not last. */
	tell(condition: Condition, nowMs: number): void {
		const key = keyOf(condition);
		const alert = this.#standing.get(key) ?? this.#taken(condition, nowMs);
		alert.sentence = condition.sentence;
		this.#putAway(key, alert, nowMs);
		this.#hear({ kind: 'passed', alert: { ...alert } });
	}

	/** These of a group stand now, and no others of it; `isOfGroup` says which belong to it. */
	settle(conditions: readonly Condition[], isOfGroup: (code: AlertCode) => boolean, nowMs: number): void {
		const now = new Set(conditions.map(keyOf));
		for (const [key, alert] of this.#standing) {
			if (isOfGroup(alert.code) && !now.has(key)) this.#end(key, nowMs);
		}
		for (const condition of conditions) this.begin(condition, nowMs);
	}

	/** Those that stand first, each group with the latest first. */
	list(limit: number): readonly Alert[] {
		const standing = [...this.#standing.values()].sort((a, b) => b.sinceMs - a.sinceMs);
		const over = [...this.#over.values()].reverse();
		return [...standing, ...over].slice(0, limit).map((alert) => ({ ...alert }));
	}

	/** How many stand, by how grave they are. */
	counts(): Readonly<Record<Severity, number>> {
		const counts = { critical: 0, warning: 0, info: 0 };
		for (const { severity } of this.#standing.values()) counts[severity] += 1;
		return counts;
	}

	#end(key: string, nowMs: number): void {
		const alert = this.#standing.get(key);
		if (alert === undefined) return;
		this.#putAway(key, alert, nowMs);
		this.#hear({ kind: 'ended', alert: { ...alert } });
	}

	#putAway(key: string, alert: Kept, nowMs: number): void {
		this.#standing.delete(key);
		alert.endedMs = nowMs;
		// Behind the others, as the last that is over.
		this.#over.delete(key);
		this.#over.set(key, alert);
		this.#forgetOld();
	}

	/** The one that was over a moment ago, or a new one. */
	#taken(condition: Condition, nowMs: number): Kept {
		const key = keyOf(condition);
		const before = this.#over.get(key);
		if (before?.endedMs === undefined || nowMs - before.endedMs > SAME_WITHIN_MS) return this.#made(condition, nowMs);
		this.#over.delete(key);
		return revived(before, condition);
	}

	#made({ code, sentence, symbol, venue, subject }: Condition, nowMs: number): Kept {
		this.#lastId += 1;
		const { severity } = ALERTS[code];
		const about = { code, severity, sentence, symbol, venue, subject };
		return { id: `${this.#lastId}`, ...about, sinceMs: nowMs, endedMs: undefined, count: 1 };
	}

	#forgetOld(): void {
		if (this.#over.size <= KEPT_MAX) return;
		const [oldest] = this.#over.keys();
		if (oldest !== undefined) this.#over.delete(oldest);
	}
}

function revived(alert: Kept, { sentence }: Condition): Kept {
	alert.count += 1;
	alert.endedMs = undefined;
	alert.sentence = sentence;
	return alert;
}

function keyOf({ code, symbol = '', venue = '', subject = '' }: AlertAbout): string {
	return JSON.stringify([code, symbol, venue, subject]);
}
