/**
 * A gateway between its engine and a venue that only listens, in virtual time: what the venue is asked is remembered and
 * answered when a test says so. Which gateway it is, and how the venue is asked, each venue's scene says.
 */
import type { Command } from '../../domain/command.ts';
import type { EngineEvent } from '../../domain/event.ts';
import type { LookUp } from '../../engine/ports.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { OrderAnswer, OrderCallParts } from './order-calls.ts';
import { START_MS } from './order-commands.suite.ts';
import type { OrderGateway, OrderGatewayParts } from './order-gateway.ts';
import type { VenueClock } from './venue-clock.ts';

export interface EntryAsked<Answer> {
	readonly channel: 'ws' | 'rest';
	/** `place-batch`, `cancel` and so on: in our words. */
	readonly endpoint: string;
	readonly answer: (answer: Answer) => void;
}

type GatewayParts = Omit<OrderGatewayParts, 'capabilities' | 'run'> &
	Pick<OrderCallParts<unknown, OrderAnswer>, 'meter' | 'filtersRefused' | 'mayPlace'>;

export abstract class EntryScene<Answer, Asked extends EntryAsked<Answer> = EntryAsked<Answer>> {
	abstract readonly gateway: OrderGateway;
	readonly clock = new VirtualClock(START_MS);
	readonly asked: Asked[] = [];
	readonly events: EngineEvent[] = [];
	readonly lookedUp: LookUp[] = [];
	/** What was measured: `place rest-batch 40`. */
	readonly timings: string[] = [];
	/** Rounds of measuring the clock that wait for their end. */
	readonly measuring: ((isMeasured: boolean) => void)[] = [];
	isSocketUp = false;
	/** Up, and takes no more. */
	isSocketFull = false;
	banLeftMs = 0;
	isKilled = false;
	filterRefusals = 0;

	send(commands: readonly Command[], batchId = 1): void {
		const [first] = commands;
		if (first === undefined) throw new Error('a batch has commands');
		const { venue } = this.gateway.capabilities;
		const { category } = first.instrument;
		this.gateway.send({ batchId, venue, category, verb: first.kind, commands, symbolOnly: undefined });
	}

	/** The calls that were made, as `channel endpoint`. */
	get calls(): readonly string[] {
		return this.asked.map(({ channel, endpoint }) => `${channel} ${endpoint}`);
	}

	answer(index: number, answer: Answer): void {
		const asked = this.asked[index];
		if (asked === undefined) throw new Error(`call ${index} was not made; there are ${this.calls.join(', ')}`);
		asked.answer(answer);
	}

	eventsOf<Kind extends EngineEvent['kind']>(kind: Kind): readonly Extract<EngineEvent, { kind: Kind }>[] {
		return this.events.filter((event): event is Extract<EngineEvent, { kind: Kind }> => event.kind === kind);
	}

	/** What every gateway is made of. */
	protected get parts(): GatewayParts {
		return {
			clock: this.clock,
			sink: (event) => this.events.push(event),
			lookUp: (asked) => this.lookedUp.push(...asked),
			takeCensus: () => {},
			meter: { request: (verb, api) => ({ record: (ms) => this.timings.push(`${verb} ${api} ${ms}`) }) },
			filtersRefused: () => {
				this.filterRefusals += 1;
			},
			mayPlace: () => !this.isKilled,
		};
	}

	protected get venueClock(): Pick<VenueClock, 'venueNowMs' | 'remeasure'> {
		return {
			venueNowMs: () => this.clock.wallMs(),
			remeasure: (told) => {
				if (told !== undefined) this.measuring.push(told);
			},
		};
	}

	/** By REST; what is asked there is for `ask` to note. */
	protected restOf<Ask>(ask: Ask) {
		return { recvWindowMs: 5_000, banLeftMs: () => this.banLeftMs, ask };
	}

	/** By socket, with what it takes turned into what was asked. */
	protected socketOf<Sent extends readonly unknown[]>(askedOf: (...sent: Sent) => Asked) {
		const isUp = (): boolean => this.isSocketUp;
		return {
			get isUp(): boolean {
				return isUp();
			},
			send: (...sent: Sent): boolean => {
				if (!this.isSocketUp || this.isSocketFull) return false;
				this.asked.push(askedOf(...sent));
				return true;
			},
		};
	}
}
