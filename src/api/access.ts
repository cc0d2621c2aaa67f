/**
 * Who asks, and what he may do: a program shows a token, a browser a cookie that it got for a token or for the code of the
 * printed link. Secrets are compared by their hash in constant time; of a log-in nothing but its hash is kept.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ROLES, type Role } from '../app/console/contract.ts';
import type { Clock } from '../ports/clock.ts';
import { ApiError } from './api-error.ts';
import { Lockout } from './lockout.ts';
import type { Tokens } from './tokens.ts';

export interface Identity {
	/** For the audit record. */
	readonly name: string;
	readonly role: Role;
	/** A log-in of a browser; none for a token. */
	readonly session: Session | undefined;
}

interface Session {
	readonly csrf: string;
	readonly hash: Buffer;
	readonly role: Role;
	readonly name: string;
	readonly endsAtMono: number;
	readonly cookie: string;
}

/** What a request offers. */
export interface Offered {
	readonly address: string;
	readonly authorization: string | undefined;
	readonly cookie: string | undefined;
}

export interface AccessParts {
	readonly clock: Clock;
	readonly tokens: Tokens;
	readonly secret: () => string;
	/** Browsers share cookies between the ports of a host, so that each engine needs a name of its own. */
	readonly cookieName: () => string;
}

const CODE_MS = 60_000;
const SESSION_MS = 12 * 3_600_000;
const SESSIONS_MAX = 50;
const CODES_MAX = 10;
/** A secret is 43 characters; nobody gets a longer text hashed. */
const SECRET_LENGTH_MAX = 100;

export class Access {
	readonly lockout: Lockout;
	readonly #parts: AccessParts;
	readonly #tokens: readonly { readonly role: Role; readonly hash: Buffer }[];
	#codes: { readonly hash: Buffer; readonly endsAtMono: number }[] = [];
	#sessions: Session[] = [];
	#loginCount = 0;

	constructor(parts: AccessParts) {
		this.#parts = parts;
		this.lockout = new Lockout(parts.clock);
		this.#tokens = ROLES.map((role) => ({ role, hash: hashOf(parts.tokens[role]) }));
	}

	/** For a link that logs in once, within a minute. */
	makeCode(): string {
		const code = this.#parts.secret();
		const kept = this.#codes.filter(({ endsAtMono }) => endsAtMono > this.#nowMono()).slice(1 - CODES_MAX);
		this.#codes = [...kept, { hash: hashOf(code), endsAtMono: this.#nowMono() + CODE_MS }];
		return code;
	}

	/** Throws an `ApiError`. The cookie goes back with the answer. */
	login({ address, code, token }: { readonly address: string; readonly code?: string; readonly token?: string }): Session {
		if (this.lockout.isLocked(address)) throw new ApiError('API_LOCKED');
		const role = code === undefined ? this.#roleOf(token ?? '') : this.#takeCode(code);
		if (role === undefined) throw this.#bad(address, 'the log-in code or token does not hold: a code is good once, for a minute');
		const cookie = this.#parts.secret();
		const session: Session = {
			cookie,
			csrf: this.#parts.secret(),
			hash: hashOf(cookie),
			role,
			name: `browser ${++this.#loginCount}`,
			endsAtMono: this.#nowMono() + SESSION_MS,
		};
		this.#sessions = [...this.#sessions.filter((each) => this.isOpen(each)).slice(1 - SESSIONS_MAX), session];
		return session;
	}

	logout(session: Session): void {
		this.#sessions = this.#sessions.filter((each) => each !== session);
	}

	/**
	 * Throws an `ApiError` where nobody we know asks. `isUrgent`: also a locked address is heard where its token is good;
	 * nothing is as bad as a kill that does not get through.
	 */
	identify(offered: Offered, { isUrgent = false }: { readonly isUrgent?: boolean } = {}): Identity {
		const { address, authorization } = offered;
		const session = this.recall(offered.cookie);
		// A log-in of before guesses nothing, whoever else does behind the same address.
		if (authorization === undefined && session !== undefined) return { name: session.name, role: session.role, session };
		if (this.lockout.isLocked(address) && !isUrgent) throw new ApiError('API_LOCKED');
		if (authorization === undefined) throw new ApiError('API_TOKEN');
		const [, token] = /^Bearer ([\w-]+)$/i.exec(authorization) ?? [];
		const role = token === undefined ? undefined : this.#roleOf(token);
		if (role === undefined) throw this.#bad(address);
		return { name: `${role} token`, role, session: undefined };
	}

	/** Whose log-in this is, if it is one. */
	recall(header: string | undefined): Session | undefined {
		const cookie = cookieIn(header, this.#parts.cookieName());
		if (cookie === undefined || cookie.length > SECRET_LENGTH_MAX) return undefined;
		const hash = hashOf(cookie);
		const session = this.#sessions.find((each) => timingSafeEqual(each.hash, hash));
		return session !== undefined && this.isOpen(session) ? session : undefined;
	}

	/** For a socket that stays open. */
	isOpen(session: Session): boolean {
		return session.endsAtMono > this.#nowMono() && this.#sessions.includes(session);
	}

	isSameSecret(a: string, b: string): boolean {
		return a.length <= SECRET_LENGTH_MAX && timingSafeEqual(hashOf(a), hashOf(b));
	}

	#bad(address: string, sentence?: string): ApiError {
		this.lockout.countBad(address);
		return new ApiError('API_TOKEN', sentence);
	}

	#roleOf(token: string): Role | undefined {
		if (token.length > SECRET_LENGTH_MAX) return undefined;
		const hash = hashOf(token);
		// All of them, so that the time does not tell which it was.
		return this.#tokens.filter((each) => timingSafeEqual(each.hash, hash))[0]?.role;
	}

	#takeCode(code: string): Role | undefined {
		if (code.length > SECRET_LENGTH_MAX) return undefined;
		const hash = hashOf(code);
		const found = this.#codes.find((each) => timingSafeEqual(each.hash, hash));
		this.#codes = this.#codes.filter((each) => each !== found);
		return found !== undefined && found.endsAtMono > this.#nowMono() ? 'admin' : undefined;
	}

	#nowMono(): number {
		return this.#parts.clock.monotonicMs();
	}
}

export function may({ role }: Pick<Identity, 'role'>, needed: Role): boolean {
	return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

function hashOf(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

function cookieIn(header: string | undefined, name: string): string | undefined {
	const found = header?.split(';').find((each) => each.trim().startsWith(`${name}=`));
	return found?.trim().slice(name.length + 1);
}
