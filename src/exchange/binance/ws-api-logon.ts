/** Who has logged on to a connection of the WS API, and what the connection says of itself. Only Ed25519 keys may. */
import { authenticateFrame } from './auth.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { Refusal, SIGNATURE_WRONG } from './refusal.ts';
import type { Route, RouteTable, Visitor } from './rest-route.ts';
import type { BinanceKey, BinanceVenue, KeyProof } from './venue.ts';

const WEIGHT = 2;

/** What a logon has to know of its connection. */
export interface LogonPlace {
	readonly venue: BinanceVenue;
	readonly connectedAtMs: number;
	readonly returnsRateLimits: boolean;
	/** True if events of the account come over the connection, null where none ever do. */
	hasUserData(): boolean | null;
	/** The key that had logged on is gone: by logout, because it was revoked, or because another takes its place. */
	loggedOut(nowMs: number): void;
}

export class Logon {
	readonly methods: RouteTable;
	readonly #place: LogonPlace;
	#state: { readonly apiKey: string; readonly atMs: number } | null = null;

	constructor(place: LogonPlace) {
		this.#place = place;
		this.methods = new Map<string, Route>([
			['session.logon', { security: 'none', weight: WEIGHT, run: (visitor, given) => this.#logOn(visitor, given) }],
			['session.status', { security: 'none', weight: WEIGHT, run: ({ nowMs }) => this.#status(nowMs) }],
			['session.logout', { security: 'none', weight: WEIGHT, run: ({ nowMs }) => this.#logOut(nowMs) }],
		]);
	}

	/** The key that has logged on, while it is valid. */
	get key(): BinanceKey | null {
		return this.#state === null ? null : (this.#place.venue.key(this.#state.apiKey) ?? null);
	}

	/** Forgets a key that is valid no more; true if there was one. */
	dropRevoked(nowMs: number): boolean {
		if (this.#state === null || this.key !== null) return false;
		this.#end(nowMs);
		return true;
	}

	/** Proven by its own key and signature, whoever has logged on before. */
	#logOn(visitor: Visitor, given: Params): Json | Refusal {
		const key = authenticateFrame(visitor, 'user-data', given);
		if (key instanceof Refusal) return key;
		// Clients report this very answer for keys of another kind.
		if (!isEd25519(key.proof)) return SIGNATURE_WRONG;
		const { nowMs } = visitor;
		if (this.#state !== null && this.#state.apiKey !== key.apiKey) this.#end(nowMs);
		this.#state = { apiKey: key.apiKey, atMs: nowMs };
		return this.#status(nowMs);
	}

	#logOut(nowMs: number): Json {
		if (this.#state !== null) this.#end(nowMs);
		return this.#status(nowMs);
	}

	#end(nowMs: number): void {
		this.#state = null;
		this.#place.loggedOut(nowMs);
	}

	#status(nowMs: number): Json {
		return {
			apiKey: this.#state?.apiKey ?? null,
			authorizedSince: this.#state?.atMs ?? null,
			connectedSince: this.#place.connectedAtMs,
			returnRateLimits: this.#place.returnsRateLimits,
			serverTime: nowMs,
			userDataStream: this.#place.hasUserData(),
		};
	}
}

function isEd25519(proof: KeyProof): boolean {
	return proof.kind === 'public' && proof.publicKey.asymmetricKeyType === 'ed25519';
}
