/**
 * A host of the virtual network: its façade, the way to it, and the connections that lead there. Several hosts may
 * share a façade; then they share its ticks.
 */
import { FACADE_TICK_MS, type Facade, type HttpRequest } from '../exchange/facade.ts';
import type { RequestLine, RequestOutcome } from '../exchange/server/http-carrier.ts';
import type { Clock } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import { drawDelayMs, type Link, type LinkFaults, Path } from './virtual-network-link.ts';

export interface HostSpec {
	readonly facade: Facade;
	readonly link: Link;
	/** What lies before the façade and may lose or hold back requests; nothing unless said. */
	readonly requestLine?: RequestLine;
	/** The façade is ticked by its owner, such as together with its market; otherwise while sockets are open. */
	readonly isTickedElsewhere?: boolean;
}

interface HostParts {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly ticker: FacadeTicker;
}

export class VirtualHost {
	readonly name: string;
	readonly #spec: HostSpec;
	readonly #parts: HostParts;
	readonly #delays: Rng;
	readonly #faults: Rng;
	readonly #wires = new Set<Wire>();
	link: Link;
	isPartitioned = false;
	isRefusing = false;

	constructor(name: string, spec: HostSpec, parts: HostParts) {
		this.name = name;
		this.#spec = spec;
		this.#parts = parts;
		this.link = spec.link;
		this.#delays = parts.rng.fork('delays');
		this.#faults = parts.rng.fork('faults');
	}

	get clock(): Clock {
		return this.#parts.clock;
	}

	get facade(): Facade {
		return this.#spec.facade;
	}

	get ticker(): FacadeTicker {
		return this.#parts.ticker;
	}

	handle(request: HttpRequest, done: (outcome: RequestOutcome) => void): void {
		const { clock, ticker } = this.#parts;
		const { facade, requestLine } = this.#spec;
		ticker.catchUp();
		const nowMs = clock.wallMs();
		if (requestLine === undefined) done({ kind: 'reply', reply: facade.request(request, nowMs) });
		else requestLine.handle(request, nowMs, done);
	}

	strikes(fault: keyof LinkFaults): boolean {
		const probability = this.link.faults?.[fault] ?? 0;
		return probability > 0 && this.#faults.next() < probability;
	}

	wire(
		server: WireServer,
		frames: { readonly toServer: (text: string) => void; readonly toClient: (text: string) => void },
	): Wire {
		const { clock } = this.#parts;
		const isBlocked = (): boolean => this.isPartitioned;
		const there = new Path({ clock, isBlocked, frame: frames.toServer, delayMs: () => this.#draw('requestMs') });
		const back = new Path({ clock, isBlocked, frame: frames.toClient, delayMs: () => this.#draw('replyMs') });
		const wire: Wire = new Wire(this, { there, back, server, onGone: () => this.#wires.delete(wire) });
		this.#wires.add(wire);
		return wire;
	}

	partition(isOn: boolean): void {
		this.isPartitioned = isOn;
		if (!isOn) for (const wire of this.#wires) wire.resume();
	}

	cut(): number {
		const wires = [...this.#wires];
		for (const wire of wires) wire.reset();
		return wires.length;
	}

	silence(): number {
		const wires = [...this.#wires];
		for (const wire of wires) wire.silence();
		return wires.length;
	}

	#draw(way: 'requestMs' | 'replyMs'): number {
		return drawDelayMs(this.link[way], this.#delays);
	}
}

/** What a connection means to the server. */
export interface WireServer {
	/** It ended there, whoever ended it. Called once, if at all. */
	gone(): void;
}

interface WireParts {
	readonly there: Path;
	readonly back: Path;
	readonly server: WireServer;
	readonly onGone: () => void;
}

/** A server gives up a peer that is silent for so long. */
const DEAD_PEER_MS = 60_000;

/** A connection between a client and a host, with the ways in which it ends. */
export class Wire {
	readonly there: Path;
	readonly back: Path;
	readonly #host: VirtualHost;
	readonly #parts: WireParts;
	#isSilent = false;
	#isGone = false;
	/** The client hears that the connection was refused, or broke. */
	onRefused: (detail: string) => void = () => {};
	onBroken: (detail: string) => void = () => {};

	constructor(host: VirtualHost, parts: WireParts) {
		this.#host = host;
		this.#parts = parts;
		this.there = parts.there;
		this.back = parts.back;
	}

	/** Calls back where the client can send its first byte. */
	open(opened: () => void): void {
		this.there.push(() => {
			if (this.#host.isRefusing || this.#host.strikes('refuseConnection')) {
				this.back.push(() => this.onRefused('nobody listens'));
				this.end();
			} else {
				this.back.push(opened, this.#host.link.handshakeMs ?? 0);
			}
		});
	}

	/** The server, or something before it, tears it down. */
	reset(): void {
		if (this.#isSilent) return;
		this.there.clear();
		this.back.clear();
		this.back.push(() => this.onBroken('reset by the peer'));
		this.end();
	}

	/** Half open: both ends believe that it stands. */
	silence(): void {
		if (this.#isSilent) return;
		this.#isSilent = true;
		this.there.silence();
		this.back.silence();
		this.#host.clock.after(DEAD_PEER_MS, () => this.end());
	}

	resume(): void {
		this.there.resume();
		this.back.resume();
	}

	/** It no longer exists at the server. */
	end(): void {
		if (this.#isGone) return;
		this.#isGone = true;
		this.#parts.onGone();
		this.#parts.server.gone();
	}
}

/** Sums of fractions are not exact; this near to a tick is on it. */
const SAME = 1e-6;

/**
 * Ticks a façade while somebody is connected, at whole multiples of its tick, and makes up for a pause with one tick
 * before anything else happens to it.
 */
export class FacadeTicker {
	readonly #facade: Facade;
	readonly #clock: Clock;
	readonly #isTickedElsewhere: boolean;
	#connected = 0;
	#isTicking = false;
	#tickedAtMs = Number.NEGATIVE_INFINITY;

	constructor(facade: Facade, clock: Clock, isTickedElsewhere: boolean) {
		this.#facade = facade;
		this.#clock = clock;
		this.#isTickedElsewhere = isTickedElsewhere;
	}

	catchUp(): void {
		if (this.#isTickedElsewhere || this.#isTicking) return;
		if (this.#clock.monotonicMs() - this.#tickedAtMs >= FACADE_TICK_MS) this.#tick();
	}

	enter(): void {
		this.catchUp();
		this.#connected += 1;
		if (this.#isTickedElsewhere || this.#isTicking) return;
		this.#isTicking = true;
		this.#wait();
	}

	leave(): void {
		this.#connected -= 1;
	}

	#wait(): void {
		const nowMs = this.#clock.monotonicMs();
		const nextMs = (Math.floor(nowMs / FACADE_TICK_MS + SAME) + 1) * FACADE_TICK_MS;
		this.#clock.after(nextMs - nowMs, () => {
			if (this.#connected === 0) {
				this.#isTicking = false;
				return;
			}
			this.#tick();
			this.#wait();
		});
	}

	#tick(): void {
		this.#tickedAtMs = this.#clock.monotonicMs();
		this.#facade.tick(this.#clock.wallMs());
	}
}
