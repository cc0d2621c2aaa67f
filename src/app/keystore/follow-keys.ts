/**
 * A key that is replaced in the keystore is taken by an engine that runs, without a restart and between two ticks (SEC12):
 * the file is looked at now and then, the new key is tried at the venue first, and only when nothing stands against it,
 * and it is of the same account, everything from the next request on goes under it.
 */
import { type Backoff, backoffDelayMs } from '../../network/backoff.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';
import { type Finding, hasProblem } from '../../venues/wire/finding.ts';
import type { ApiKey, VenueAccess } from '../venue-access.ts';
import { endingOf, type Keystore } from './keystore.ts';

const LOOK_EVERY_MS = 2_000;
/** A whole examination each time, against the limits of the address that trades. */
const TRY_AGAIN: Backoff = { kind: 'exponential', baseMs: 30_000, maxMs: 600_000, jitter: 'added' };
/** What tells more of the way to the venue, of this machine or of the market than of the key. */
const PASSING: ReadonlySet<string> = new Set([
	...['reachable', 'clock', 'symbols', 'public stream', 'private stream', 'trade stream'],
]);

/** What was opened at the start, and where it can be read again. */
export interface FollowedKeystore {
	readonly keystore: Keystore;
	/** The sealed text as it is by now, and a sentence where it may not be used. */
	readonly read: () => { readonly kind: 'read'; readonly text: string } | { readonly kind: 'refused'; readonly sentence: string };
}

export interface FollowedKeys extends FollowedKeystore {
	/** Those whose key is out of it. */
	readonly venues: readonly VenueAccess[];
	/** Those that are in force, as the look before the start found them; by the venue of the settings, where it said so. */
	readonly accounts: ReadonlyMap<string, string>;
	readonly clock: Clock;
	readonly rng: Rng;
	/** A look at the venue under another key; changes nothing there. */
	readonly look: (access: VenueAccess) => Promise<readonly Finding[]>;
	readonly say: (sentence: string) => void;
	/** From now on this key is used, and this is what the look at it found. */
	taken?(venue: string, key: ApiKey, findings: readonly Finding[]): void;
}

interface Tried {
	/** Why not, if anything stands against it. */
	readonly refused?: string;
	/** And whether it may be otherwise the next time. */
	readonly isPassing?: boolean;
	readonly findings: readonly Finding[];
}

export function followKeys(parts: FollowedKeys): Disposable {
	return new Following(parts);
}

class Following implements Disposable {
	readonly #parts: FollowedKeys;
	/** In force, by the name of the venue. */
	readonly #keys: Map<string, ApiKey>;
	/** At the last look. None yet: the file may have changed while the engine started. */
	#seen: string | undefined;
	/** What was said of it, but for the figures. */
	readonly #said = new Set<string>();
	/** When it is tried once more, though it has not changed. */
	#againAtMono = Number.POSITIVE_INFINITY;
	/** Since it changed. */
	#triesAgain = 0;
	#timer: Timer | undefined;
	#isEnded = false;
	/** And that was said. */
	#isFailing = false;

	constructor(parts: FollowedKeys) {
		this.#parts = parts;
		this.#keys = new Map(parts.venues.flatMap(({ settings: { name }, key }) => (key === undefined ? [] : [[name, key]])));
		this.#lookLater();
	}

	[Symbol.dispose](): void {
		this.#isEnded = true;
		this.#timer?.cancel();
	}

	#lookLater(): void {
		if (this.#isEnded) return;
		this.#timer = this.#parts.clock.after(LOOK_EVERY_MS, () => void this.#tryLook());
	}

	/** A disk that cannot be read, or a venue that cannot be asked, must not be the end of an engine that needs neither. */
	async #tryLook(): Promise<void> {
		try {
			await this.#look();
			// Between two tries of what failed there is nothing that could.
			if (this.#againAtMono === Number.POSITIVE_INFINITY) this.#isFailing = false;
		} catch (error) {
			if (!this.#isFailing)
				this.#parts.say(`the keystore was not followed: ${error instanceof Error ? error.message : String(error)}`);
			this.#isFailing = true;
		}
		this.#lookLater();
	}

	async #look(): Promise<void> {
		const found = this.#parts.read();
		const text = found.kind === 'read' ? found.text : found.sentence;
		if (text === this.#seen && this.#parts.clock.monotonicMs() < this.#againAtMono) return;
		if (text !== this.#seen) {
			this.#said.clear();
			this.#isFailing = false;
			this.#triesAgain = 0;
		}
		this.#seen = text;
		this.#againAtMono = Number.POSITIVE_INFINITY;
		try {
			await this.#heed(found);
		} catch (error) {
			this.#tryAgainLater();
			throw error;
		} finally {
			if (this.#againAtMono !== Number.POSITIVE_INFINITY) this.#triesAgain += 1;
		}
	}

	async #heed(found: ReturnType<FollowedKeystore['read']>): Promise<void> {
		const { keystore, say, venues } = this.#parts;
		if (found.kind === 'refused') return say(`the keystore is not read again: ${found.sentence}`);
		const opened = keystore.reopen(found.text);
		if (opened.kind === 'refused') {
			return say(`the keystore has changed and cannot be opened: ${opened.sentence}; the keys stay as they are`);
		}
		for (const access of venues) await this.#renew(access, opened.keystore);
	}

	async #renew(access: VenueAccess, keystore: Keystore): Promise<void> {
		const { name, keyName, kind } = access.settings;
		const say = (sentence: string): void => this.#sayOnce(`venues.${name}: ${sentence}`);
		const before = this.#keys.get(name);
		const now = keystore.find(keyName);
		if (now === undefined) return say(`the keystore has no key '${keyName}' any more; the one in force stays`);
		if (now.apiKey === before?.apiKey && now.apiSecret === before.apiSecret) return;
		const isOther = now.kind !== kind;
		const tried: Tried = isOther ? { refused: `it is a key of ${now.kind}`, findings: [] } : await this.#tried(access, now);
		const refused = tried.refused ?? this.#taken(access, now);
		if (tried.isPassing === true) this.#tryAgainLater();
		const again = tried.isPassing === true ? '; it is tried again' : '';
		if (refused !== undefined) return say(`the new key ${endingOf(now.apiKey)} is not taken: ${refused}${again}`);
		this.#keys.set(name, now);
		this.#parts.taken?.(access.settings.venue, now, tried.findings);
		const old = before === undefined ? '' : `; ${endingOf(before.apiKey)} can be deleted at the venue`;
		say(`key ${endingOf(now.apiKey)} is in force from now on${old}`);
	}

	#tryAgainLater(): void {
		const { clock, rng } = this.#parts;
		this.#againAtMono = clock.monotonicMs() + backoffDelayMs(TRY_AGAIN, this.#triesAgain, rng);
	}

	#sayOnce(sentence: string): void {
		const kept = sentence.replaceAll(/ \d[\d.]*/g, '');
		if (!this.#said.has(kept)) this.#parts.say(sentence);
		this.#said.add(kept);
	}

	#taken(access: VenueAccess, now: ApiKey): string | undefined {
		return this.#isEnded ? 'the session ends' : access.renewKey(now);
	}

	async #tried(access: VenueAccess, now: ApiKey): Promise<Tried> {
		const findings = await this.#parts.look(access.withKey(now));
		const problems = findings.filter((finding) => hasProblem([finding]));
		const problem = problems.find((each) => !isPassing(each)) ?? problems[0];
		if (problem !== undefined) return { refused: problem.sentence, isPassing: isPassing(problem), findings };
		const own = this.#parts.accounts.get(access.settings.venue);
		const account = accountIn(findings);
		if (own === undefined || own === account) return { findings };
		// A venue that was asked and did not answer does not say either.
		if (account === undefined) {
			return { refused: 'the venue does not say of which account it is', isPassing: true, findings };
		}
		return { refused: 'it is of another account', findings };
	}
}

function isPassing(finding: Finding): boolean {
	return finding.isPassing === true || PASSING.has(finding.check);
}

function accountIn(findings: readonly Finding[]): string | undefined {
	return findings.find(({ account }) => account !== undefined)?.account;
}
