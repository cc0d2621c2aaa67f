/**
 * The exchange's own timer for futures: unless we speak in time, it cancels every open order of a symbol, ours and anybody
 * else's of the account. Armed before the first quote, asked for again at a third of its time, ended only by an orderly
 * stop: whoever is killed leaves it running, which is what it is for. It stands beside the sentinel, never instead of it
 * (V7). Nothing is believed but the venue's word for the symbol and the time.
 */
import type { Clock, Timer } from '../../ports/clock.ts';
import { CANCEL_PATIENCE } from '../wire/patience.ts';
import { isObject } from '../wire/plain-values.ts';
import { type BinanceRest, ORDER_POOL, type RestAnswer } from './rest.ts';

/** Whether it can be relied on has changed. */
export type DeadManNote =
	| { readonly kind: 'armed' }
	/** What was confirmed before still runs down: quotes are in less danger than without, but nobody renews it. */
	| { readonly kind: 'unarmed'; readonly detail: string };

export interface DeadManParts {
	readonly rest: Pick<BinanceRest, 'askAsync'>;
	readonly clock: Clock;
	readonly countdownMs: number;
	readonly onNote: (note: DeadManNote) => void;
}

export const COUNTDOWN_MS = 120_000;
const PATH = '/fapi/v1/countdownCancelAll';
const WEIGHT = 10;
const TIMEOUT_MS = 2_000;
const RENEWALS = 3;
/** A call may take some seconds until it is given up. */
const COUNTDOWN_MS_MIN = 10_000;
/** A quarter of what the venue grants an address: whoever uses up all of it is shut out, cancels included. */
const RENEWALS_WEIGHT_A_MINUTE = 600;

/** The shortest that so many symbols may have. */
export function countdownMsMin(symbolCount: number): number {
	return Math.max(COUNTDOWN_MS_MIN, (symbolCount * WEIGHT * RENEWALS * 60_000) / RENEWALS_WEIGHT_A_MINUTE);
}

interface Watched {
	readonly symbol: string;
	timer: Timer | undefined;
	/** Why it is not armed; undefined where the last word of the venue was a yes. */
	trouble: string | undefined;
}

export class DeadMan {
	readonly #parts: DeadManParts;
	#watched: Watched[] = [];
	#told: DeadManNote['kind'] | undefined;
	readonly #underWay = new Set<Promise<RestAnswer>>();

	constructor(parts: DeadManParts) {
		this.#parts = parts;
	}

	get isArmed(): boolean {
		return this.#watched.length > 0 && this.#trouble === undefined;
	}

	/** Settles when every symbol has been answered for; what came of it is noted. Renewals are spread out over their time. */
	async arm(symbols: readonly string[]): Promise<void> {
		this.stop();
		if (symbols.length === 0) return;
		const { clock, countdownMs } = this.#parts;
		const watched = symbols.map((symbol): Watched => ({ symbol, timer: undefined, trouble: 'not asked for yet' }));
		this.#watched = watched;
		const everyMs = countdownMs / RENEWALS;
		for (const [at, one] of watched.entries()) {
			const firstMs = (everyMs * (at + 1)) / watched.length;
			one.timer = clock.after(firstMs, () => this.#renew(one, everyMs));
		}
		await Promise.all(watched.map((one) => this.#ask(one)));
		this.#tell();
	}

	/** After an orderly stop has proven that nothing is left: a sentence where one may still be running. */
	async disarm(): Promise<string | undefined> {
		const watched = this.#watched;
		this.stop();
		// A renewal that came behind the end would be one more beginning.
		await Promise.all(this.#underWay);
		const answers = await Promise.all(watched.map(async ({ symbol }) => refusalIn(await this.#call(symbol, 0), symbol, 0)));
		return answers.find((refusal) => refusal !== undefined);
	}

	/** Asks for nothing more; what is armed runs down. */
	stop(): void {
		for (const { timer } of this.#watched) timer?.cancel();
		this.#watched = [];
		this.#told = undefined;
	}

	#renew(one: Watched, everyMs: number): void {
		one.timer = this.#parts.clock.after(everyMs, () => this.#renew(one, everyMs));
		void this.#ask(one).then(() => {
			if (this.#watched.includes(one)) this.#tell();
		});
	}

	async #ask(one: Watched): Promise<void> {
		const { countdownMs } = this.#parts;
		one.trouble = refusalIn(await this.#call(one.symbol, countdownMs), one.symbol, countdownMs);
	}

	async #call(symbol: string, countdownTime: number): Promise<RestAnswer> {
		const asking = this.#parts.rest.askAsync({
			method: 'POST',
			path: PATH,
			params: { symbol, countdownTime },
			security: 'signed',
			kind: 'order',
			weight: WEIGHT,
			pool: ORDER_POOL,
			timeoutMs: TIMEOUT_MS,
			patience: CANCEL_PATIENCE,
		});
		this.#underWay.add(asking);
		const answer = await asking;
		this.#underWay.delete(asking);
		return answer;
	}

	get #trouble(): string | undefined {
		return this.#watched.find(({ trouble }) => trouble !== undefined)?.trouble;
	}

	#tell(): void {
		const trouble = this.#trouble;
		const kind = trouble === undefined ? 'armed' : 'unarmed';
		if (kind === this.#told) return;
		this.#told = kind;
		this.#parts.onNote(trouble === undefined ? { kind: 'armed' } : { kind: 'unarmed', detail: trouble });
	}
}

/** Undefined where the venue has confirmed exactly what was asked for. */
function refusalIn(answer: RestAnswer, symbol: string, countdownMs: number): string | undefined {
	const about = `Binance's countdown for ${symbol}`;
	switch (answer.kind) {
		case 'ok': {
			const { result } = answer;
			const isMeant = isObject(result) && result['symbol'] === symbol && Number(result['countdownTime']) === countdownMs;
			return isMeant ? undefined : `${about} is not confirmed: the answer is about something else`;
		}
		case 'refused':
			return `${about} is refused: ${answer.verdict.meaning} (${answer.code})`;
		case 'lost':
		case 'unreadable':
			return `${about} is not confirmed: ${answer.detail}`;
	}
}
