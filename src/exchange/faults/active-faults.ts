/**
 * The rules in force, and the dice: says for each candidate (a request, a frame, a connection) whether a fault strikes
 * it, and counts what struck. Deterministic: each rule draws from a stream of its own, named after its id, in the order
 * of its candidates.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';
import { FAULT_NAMES, type FaultName, specOf } from './catalogue.ts';
import type { HappeningName } from './happenings-catalogue.ts';
import type { FaultRule, ParametersOf, RuleOf } from './plan.ts';
import { PresentRequest } from './present-request.ts';
import type { Candidate, Strike } from './strike.ts';

export interface FaultCount {
	readonly name: FaultName;
	readonly numbers: readonly string[];
	readonly injected: number;
}

interface Live<Name extends FaultName> {
	readonly rule: RuleOf<Name>;
	readonly rng: Rng;
	readonly addedAtMs: number;
	seen: number;
	struck: number;
	/** The last moment that was looked at, of what happens at moments of its own. */
	moment: number;
}

export const RULES_MAX = 256;
/** Asked for with every frame and fault, and nearly always there is none. */
const NO_RULES: readonly Live<FaultName>[] = [];
const always = (): boolean => true;
const NOWHERE: Candidate = { channel: 'rest', path: '', operation: '', topic: '' };

export class ActiveFaults {
	/** Whose request is being served; the exchange behind the façade asks, where it is a faulty one. */
	readonly present = new PresentRequest();
	readonly #rng: Rng;
	readonly #clock: Clock;
	readonly #live = new Map<FaultName, Live<FaultName>[]>();
	readonly #byName = new Map<FaultName, number>();
	readonly #byNumber = new Map<string, number>();

	constructor(parts: { readonly rng: Rng; readonly clock: Clock }) {
		this.#rng = parts.rng;
		this.#clock = parts.clock;
	}

	/** Nothing can strike: requests and frames pass untouched. */
	get isQuiet(): boolean {
		return this.#live.size === 0;
	}

	/** False where there are too many already, or one of the same id. */
	add(rule: FaultRule): boolean {
		const rules = this.rules();
		if (rules.length >= RULES_MAX || rules.some((each) => each.id === rule.id)) return false;
		const live = { rule, rng: this.#rng.fork(rule.id), addedAtMs: this.#clock.monotonicMs(), seen: 0, struck: 0, moment: -1 };
		this.#live.set(rule.name, [...(this.#live.get(rule.name) ?? []), live]);
		return true;
	}

	/** Is there a rule of this fault, even one that is spent? */
	has(name: FaultName): boolean {
		return this.#live.has(name);
	}

	/** Takes one rule away, or all; how many there were. Bans and silences end with it; frames under way still come late. */
	clear(id?: string): number {
		let cleared = 0;
		for (const [name, live] of [...this.#live]) {
			const left = live.filter((each) => id !== undefined && each.rule.id !== id);
			cleared += live.length - left.length;
			if (left.length === 0) this.#live.delete(name);
			else this.#live.set(name, left);
		}
		return cleared;
	}

	rules(): FaultRule[] {
		return [...this.#live.values()].flat().map((live) => live.rule as FaultRule);
	}

	/** A strike that shows at once, and is counted. */
	strike<Name extends FaultName>(name: Name, candidate: Candidate): Strike<Name> | undefined {
		const strike = this.prepare(name, candidate);
		strike?.count();
		return strike;
	}

	/** A strike that may yet come to nothing, so that whoever carries it out counts it. Rules that are not due do not see it. */
	prepare<Name extends FaultName>(
		name: Name,
		candidate: Candidate,
		isDue: (parameters: ParametersOf<Name>) => boolean = always,
	): Strike<Name> | undefined {
		for (const live of this.#of(name)) {
			const { when, where } = live.rule;
			if (!isInWindow(live, this.#clock.monotonicMs()) || !matches(where, candidate) || !isDue(live.rule.parameters)) continue;
			live.seen += 1;
			if (live.seen <= when.skip || live.struck >= (when.count ?? Number.POSITIVE_INFINITY)) continue;
			if (when.probability < 1 && live.rng.next() >= when.probability) continue;
			live.struck += 1;
			return this.#strikeOf(live, candidate);
		}
		return undefined;
	}

	/**
	 * Of a fault that happens at moments of its own, the strikes that are due: when the rule's window begins, and then
	 * every `everyMs`. Moments that were slept through are one. A strike that is not counted has not happened, and the
	 * rule has it still.
	 */
	moments<Name extends HappeningName>(name: Name): Strike<Name>[] {
		const strikes: Strike<Name>[] = [];
		for (const live of this.#of(name)) {
			if (!isInWindow(live, this.#clock.monotonicMs())) continue;
			const { when, parameters } = live.rule;
			const strike = this.#strikeOf(live, NOWHERE);
			const moment = Math.floor(strike.ageMs / parameters.everyMs);
			if (moment <= live.moment) continue;
			live.moment = moment;
			live.seen += 1;
			if (live.seen <= when.skip || live.struck >= (when.count ?? Number.POSITIVE_INFINITY)) continue;
			if (when.probability < 1 && live.rng.next() >= when.probability) continue;
			const count = (): void => {
				live.struck += 1;
				strike.count();
			};
			strikes.push({ ...strike, count });
		}
		return strikes;
	}

	/** What holds now as long as its rule does; counted once a rule. */
	standing<Name extends FaultName>(name: Name, candidate: Candidate): Strike<Name>[] {
		const strikes: Strike<Name>[] = [];
		for (const live of this.#of(name)) {
			if (!isInWindow(live, this.#clock.monotonicMs()) || !matches(live.rule.where, candidate)) continue;
			const strike = this.#strikeOf(live, candidate);
			if (live.struck === 0) strike.count();
			live.struck = 1;
			strikes.push(strike);
		}
		return strikes;
	}

	/** Of all faults together, so far. */
	get strikeCount(): number {
		let sum = 0;
		for (const count of this.#byName.values()) sum += count;
		return sum;
	}

	counts(): FaultCount[] {
		return FAULT_NAMES.map((name) => ({ name, numbers: specOf(name).numbers, injected: this.#byName.get(name) ?? 0 }));
	}

	/** By number of docs/numbers.md; a number that was never hit is missing. */
	countsByNumber(): ReadonlyMap<string, number> {
		return this.#byNumber;
	}

	#strikeOf<Name extends FaultName>(live: Live<Name>, candidate: Candidate): Strike<Name> {
		const { name, parameters, when } = live.rule;
		const ageMs = this.#clock.monotonicMs() - live.addedAtMs - when.fromMs;
		return { parameters, rng: live.rng, ageMs, count: (at = candidate) => this.#count(name, at) };
	}

	#count(name: FaultName, candidate: Candidate): void {
		this.#byName.set(name, (this.#byName.get(name) ?? 0) + 1);
		for (const number of numbersOf(name, candidate)) this.#byNumber.set(number, (this.#byNumber.get(number) ?? 0) + 1);
	}

	#of<Name extends FaultName>(name: Name): readonly Live<Name>[] {
		// Under a name stand only its own rules: `add` is the one place that fills the map.
		return (this.#live.get(name) ?? NO_RULES) as unknown as readonly Live<Name>[];
	}
}

/** Of a fault with several numbers, those that this strike really shows. */
function numbersOf(name: FaultName, { operation, topic }: Candidate): readonly string[] {
	const isBook = topic.startsWith('orderbook') || topic.includes('@depth');
	const isExecution = topic.startsWith('execution');
	switch (name) {
		case 'drop-reply':
			if (operation.endsWith('-batch')) return ['F10'];
			return operation === 'order.amend' ? ['F26'] : ['F01'];
		case 'visibility-lag':
			return operation === '' ? ['F28'] : ['F23'];
		case 'drop-frames':
			return isBook ? ['F38'] : ['F20'];
		case 'duplicate-frames':
			return isBook ? ['F38'] : ['F18'];
		case 'reorder-frames':
			return isBook ? ['F38'] : ['F17'];
		case 'delay-frames':
			if (isExecution) return ['F22'];
			return topic.startsWith('order.') || topic === 'order' ? ['F16'] : ['F42'];
		default:
			return specOf(name).numbers;
	}
}

function isInWindow({ rule, addedAtMs }: { rule: Pick<FaultRule, 'when'>; addedAtMs: number }, nowMs: number): boolean {
	const sinceMs = nowMs - addedAtMs;
	return sinceMs >= rule.when.fromMs && sinceMs < (rule.when.untilMs ?? Number.POSITIVE_INFINITY);
}

function matches(where: FaultRule['where'], candidate: Candidate): boolean {
	if (where.channel !== undefined && where.channel !== candidate.channel) return false;
	return (
		candidate.path.startsWith(where.path ?? '') &&
		candidate.operation.startsWith(where.operation ?? '') &&
		candidate.topic.startsWith(where.topic ?? '')
	);
}
