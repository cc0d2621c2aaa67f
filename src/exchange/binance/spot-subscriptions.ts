/**
 * The user data subscriptions of one connection of the WS API: of the key that has logged on, or of any key that signs
 * for itself. Several accounts may be heard over one connection, each once. Logging out ends what came of logging on.
 */
import { authenticateFrame } from './auth.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { bad, KEY_WRONG, Refusal } from './refusal.ts';
import type { Route, RouteTable, Visitor } from './rest-route.ts';
import type { SpotUserData, UserListener } from './spot-user-data.ts';
import { streamTerminated } from './spot-user-views.ts';
import type { BinanceKey } from './venue.ts';
import type { ApiExtras, ApiSession } from './ws-api-session.ts';

const WEIGHT = 2;
const ACTIVE_MAX = 1_000;
const LIFETIME_MAX = 65_535;

const ALREADY_ACTIVE = bad(-2035, 'User Data Stream subscription is already active.');
const NOT_ACTIVE = bad(-2036, 'User Data Stream subscription is not active.');
const TOO_MANY = bad(-2042, 'Too many User Data Stream subscriptions on this connection.');

interface Subscription {
	readonly apiKey: string;
	readonly accountId: string;
	readonly listener: UserListener;
	/** It goes with the logon that it came of. */
	readonly isOfLogon: boolean;
}

export class SpotSubscriptions implements ApiExtras {
	readonly methods: RouteTable;
	readonly #session: ApiSession;
	readonly #userData: SpotUserData;
	/** By subscription id, which counts from 0. */
	readonly #active = new Map<number, Subscription>();
	#count = 0;

	constructor(session: ApiSession, userData: SpotUserData) {
		this.#session = session;
		this.#userData = userData;
		this.methods = new Map<string, Route>([
			['userDataStream.subscribe', { security: 'none', weight: WEIGHT, run: () => this.#subscribeLoggedOn() }],
			[
				'userDataStream.subscribe.signature',
				{ security: 'none', weight: WEIGHT, run: (visitor, given) => this.#subscribeSigned(visitor, given) },
			],
			[
				'userDataStream.unsubscribe',
				{ security: 'none', weight: WEIGHT, run: ({ nowMs }, given) => this.#unsubscribe(given, nowMs) },
			],
			[
				'session.subscriptions',
				{ security: 'none', weight: WEIGHT, run: () => [...this.#active.keys()].map((subscriptionId) => ({ subscriptionId })) },
			],
		]);
	}

	hasUserData(): boolean {
		return this.#active.size > 0;
	}

	loggedOut(nowMs: number): void {
		for (const [id, { isOfLogon }] of this.#active) if (isOfLogon) this.#end(id, nowMs);
	}

	closed(): void {
		for (const { accountId, listener } of this.#active.values()) this.#userData.leave(accountId, listener);
		this.#active.clear();
	}

	/** Nothing more is told to a key that is gone. */
	tick(nowMs: number): void {
		const { venue } = this.#session.floor;
		for (const [id, { apiKey }] of this.#active) if (venue.key(apiKey) === undefined) this.#end(id, nowMs);
	}

	#subscribeLoggedOn(): Json | Refusal {
		const { key } = this.#session;
		return key === null ? KEY_WRONG : this.#subscribe(key, true);
	}

	#subscribeSigned(visitor: Visitor, given: Params): Json | Refusal {
		const key = authenticateFrame(visitor, 'user-data', given);
		return key instanceof Refusal ? key : this.#subscribe(key, false);
	}

	#subscribe(key: BinanceKey, isOfLogon: boolean): Json | Refusal {
		const accountId = key.accounts.spot;
		for (const each of this.#active.values()) if (each.accountId === accountId) return ALREADY_ACTIVE;
		if (this.#active.size >= ACTIVE_MAX || this.#count >= LIFETIME_MAX) return TOO_MANY;
		const subscriptionId = this.#count;
		this.#count += 1;
		const listener: UserListener = {
			hear: (eventText) => this.#session.sayText(`{"subscriptionId":${subscriptionId},"event":${eventText}}`),
		};
		this.#active.set(subscriptionId, { apiKey: key.apiKey, accountId, listener, isOfLogon });
		this.#userData.join(accountId, listener);
		return { subscriptionId };
	}

	/** All of them where none is named. */
	#unsubscribe(given: Params, nowMs: number): Json | Refusal {
		const asked = given.whole('subscriptionId');
		if (asked instanceof Refusal) return asked;
		const ids = asked === undefined ? [...this.#active.keys()] : [asked];
		if (ids.length === 0 || ids.some((id) => !this.#active.has(id))) return NOT_ACTIVE;
		for (const id of ids) this.#end(id, nowMs);
		return {};
	}

	#end(subscriptionId: number, nowMs: number): void {
		const subscription = this.#active.get(subscriptionId);
		if (subscription === undefined) return;
		this.#active.delete(subscriptionId);
		this.#userData.leave(subscription.accountId, subscription.listener);
		this.#session.say({ subscriptionId, event: streamTerminated(nowMs) });
	}
}
