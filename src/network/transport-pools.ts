/**
 * Which connection carries which call: of those that are open the one used last, else a new one, else the call waits its turn, else it is turned
 * away. Knows neither sockets nor time, so the real and the virtual transport keep the same bounds. A connection is a
 * slot here: it stays in its pool when its socket dies, and is opened again by the next call.
 */
import type { PoolFigures } from './transport.ts';
import type { PoolPlan, TransportLimits } from './transport-limits.ts';

/** What can be done with a connection. Each of the first two ends with `Pool.release`, which may come from inside it. */
export interface Carrier<Connection, Call> {
	carry(connection: Connection, call: Call, pool: Pool<Connection, Call>): void;
	/** Connects, and sends nothing. */
	warm(connection: Connection, pool: Pool<Connection, Call>): void;
	open(origin: string): Connection;
	isOpen(connection: Connection): boolean;
}

/** Origins and names come from our own settings; more than this many is a mistake, not a need. */
const POOLS_MAX = 100;
const ORIGIN = /^https?:\/\/[^/?#]+$/;

export class Pools<Connection, Call> {
	readonly #limits: TransportLimits;
	readonly #carrier: Carrier<Connection, Call>;
	readonly #byOrigin = new Map<string, Map<string, Pool<Connection, Call>>>();
	readonly #budget: Budget;
	#count = 0;

	constructor(limits: TransportLimits, carrier: Carrier<Connection, Call>) {
		this.#limits = limits;
		this.#carrier = carrier;
		this.#budget = { left: limits.connectionsMax };
	}

	/** Or why there is none: the origin is no origin or not allowed, or there are too many pools. */
	find(origin: string, name: string, isAllowed: (origin: string) => boolean): Pool<Connection, Call> | string {
		const found = this.#byOrigin.get(origin)?.get(name);
		if (found !== undefined) return found;
		if (!ORIGIN.test(origin) || !URL.canParse(origin)) return `${origin} is not an origin such as https://host:port`;
		if (!isAllowed(origin)) return `${origin} is not on the list of hosts that may be reached`;
		if (this.#count === POOLS_MAX) return `there are ${POOLS_MAX} pools; ${name} of ${origin} would be one more`;
		this.#count += 1;
		return this.#add(origin, name);
	}

	figures(): PoolFigures[] {
		return [...this.#all()].map((pool) => pool.figures());
	}

	/** Open or not. */
	connections(): Connection[] {
		return [...this.#all()].flatMap((pool) => pool.connections);
	}

	#add(origin: string, name: string): Pool<Connection, Call> {
		const { plans, plan: general, connectionsPerHostMax } = this.#limits;
		const plan = (Object.hasOwn(plans, name) ? plans[name] : undefined) ?? general;
		const bounded = { ...plan, connections: Math.min(plan.connections, connectionsPerHostMax) };
		const pool = new Pool({ origin, name, plan: bounded, budget: this.#budget, carrier: this.#carrier });
		const pools = this.#byOrigin.get(origin) ?? new Map<string, Pool<Connection, Call>>();
		this.#byOrigin.set(origin, pools.set(name, pool));
		return pool;
	}

	*#all(): Generator<Pool<Connection, Call>> {
		for (const pools of this.#byOrigin.values()) yield* pools.values();
	}
}

/** Connections that all pools together may still open. */
interface Budget {
	left: number;
}

interface PoolParts<Connection, Call> {
	readonly origin: string;
	readonly name: string;
	readonly plan: PoolPlan;
	readonly budget: Budget;
	readonly carrier: Carrier<Connection, Call>;
}

export class Pool<Connection, Call> {
	readonly connections: Connection[] = [];
	readonly #parts: PoolParts<Connection, Call>;
	/** The last one was used last: the others may grow old and go. */
	readonly #idle: Connection[] = [];
	readonly #waiting = new Set<Call>();

	constructor(parts: PoolParts<Connection, Call>) {
		this.#parts = parts;
	}

	/** False when it is exhausted: then the call was not taken. */
	offer(call: Call): boolean {
		const connection = this.#takeIdle() ?? this.#open();
		if (connection !== undefined) {
			this.#parts.carrier.carry(connection, call, this);
			return true;
		}
		// Without a single connection (others have them all) nobody would ever come for those who wait.
		if (this.connections.length === 0 || this.#waiting.size >= this.#parts.plan.waitingMax) return false;
		this.#waiting.add(call);
		return true;
	}

	/** The call no longer waits; false where it did not wait, because a connection has it. */
	withdraw(call: Call): boolean {
		return this.#waiting.delete(call);
	}

	/** The connection has nothing more to do for its call. */
	release(connection: Connection): void {
		for (const call of this.#waiting) {
			this.#waiting.delete(call);
			this.#parts.carrier.carry(connection, call, this);
			return;
		}
		this.#idle.push(connection);
	}

	/** Opens connections until so many are open or being opened. */
	warm(connectionsWanted: number): void {
		const { carrier } = this.#parts;
		let missing = connectionsWanted - this.figures().connections;
		const closed = this.#idle.filter((connection) => !carrier.isOpen(connection));
		for (; missing > 0; missing -= 1) {
			const old = closed.pop();
			if (old !== undefined) this.#idle.splice(this.#idle.indexOf(old), 1);
			const connection = old ?? this.#open();
			if (connection === undefined) return;
			carrier.warm(connection, this);
		}
	}

	figures(): PoolFigures {
		const { origin, name, carrier } = this.#parts;
		const active = this.connections.length - this.#idle.length;
		const idle = this.#idle.filter((connection) => carrier.isOpen(connection)).length;
		return { origin, pool: name, connections: active + idle, active, idle, queued: this.#waiting.size };
	}

	/** One that is closed has to be opened again, so it is the last resort. */
	#takeIdle(): Connection | undefined {
		const { carrier } = this.#parts;
		const at = this.#idle.findLastIndex((connection) => carrier.isOpen(connection));
		return at === -1 ? this.#idle.pop() : this.#idle.splice(at, 1)[0];
	}

	#open(): Connection | undefined {
		const { plan, budget, carrier, origin } = this.#parts;
		if (this.connections.length >= plan.connections || budget.left === 0) return undefined;
		budget.left -= 1;
		const connection = carrier.open(origin);
		this.connections.push(connection);
		return connection;
	}
}
