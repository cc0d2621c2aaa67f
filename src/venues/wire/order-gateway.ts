/**
 * Order entry as the engine knows it, over the calls of a venue: batches are handed in, and each is heard of exactly once,
 * as one `answer` event with an outcome for each command, `unknown` where nothing is known. Loops of one's own use the
 * promises, which take the very same way.
 */
import type { AmendCommand, Batch, CancelCommand, Command, PlaceCommand } from '../../domain/command.ts';
import type { Category, Instrument } from '../../domain/instrument.ts';
import type { ItemOutcome, Outcome } from '../../domain/outcome.ts';
import { monoMs, timeMs } from '../../domain/units.ts';
import type { VenueCapabilities } from '../../domain/venue.ts';
import type { EventSink, LookUp, VenueGateway } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Done } from './order-calls.ts';

export interface OrderGatewayParts {
	readonly capabilities: VenueCapabilities;
	readonly clock: Clock;
	readonly sink: EventSink;
	readonly lookUp: (asked: readonly LookUp[]) => void;
	readonly takeCensus: () => void;
	/** All of one category and verb, and no more than a batch holds. Never done from inside of this call. */
	readonly run: (category: Category, verb: Command['kind'], commands: readonly Command[], done: Done) => void;
}

export class OrderGateway implements VenueGateway {
	readonly capabilities: VenueCapabilities;
	readonly #parts: OrderGatewayParts;

	constructor(parts: OrderGatewayParts) {
		this.#parts = parts;
		this.capabilities = parts.capabilities;
	}

	send({ batchId, category, verb, commands }: Batch): void {
		const { clock, sink, run } = this.#parts;
		run(category, verb, commands, (outcomes) => {
			const items = itemsOf(commands, outcomes);
			sink({ kind: 'answer', batchId, items, wallMs: timeMs(clock.wallMs()), monoMs: monoMs(clock.monotonicMs()) });
		});
	}

	lookUp(asked: readonly LookUp[]): void {
		this.#parts.lookUp(asked);
	}

	takeCensus(): void {
		this.#parts.takeCensus();
	}

	/** As few calls as the venue allows, all at once; the outcomes in the order of the commands. */
	batchPlaceOrders(commands: readonly PlaceCommand[]): Promise<readonly ItemOutcome[]> {
		return this.#runAll(commands);
	}

	batchAmendOrders(commands: readonly AmendCommand[]): Promise<readonly ItemOutcome[]> {
		return this.#runAll(commands);
	}

	batchCancelOrders(commands: readonly CancelCommand[]): Promise<readonly ItemOutcome[]> {
		return this.#runAll(commands);
	}

	async #runAll(commands: readonly Command[]): Promise<readonly ItemOutcome[]> {
		const outcomes = new Array<Outcome>(commands.length);
		await Promise.all(this.#split(commands).map((part) => this.#runPart(part, outcomes)));
		return itemsOf(commands, outcomes);
	}

	#runPart(part: Part, outcomes: Outcome[]): Promise<void> {
		return new Promise((resolve) => {
			this.#parts.run(part.category, part.verb, part.commands, (told) => {
				for (const [index, position] of part.positions.entries()) {
					const outcome = told[index];
					if (outcome !== undefined) outcomes[position] = outcome;
				}
				resolve();
			});
		});
	}

	/** One category and verb each, of one symbol where the venue wants it so, and none larger than it takes. */
	#split(commands: readonly Command[]): readonly Part[] {
		const parts: Part[] = [];
		const open = new Map<Category | Instrument, Part>();
		for (const [position, command] of commands.entries()) {
			const { kind: verb, instrument } = command;
			const { category } = instrument;
			const capability = this.capabilities.categories[category]?.verbs[verb];
			const key = capability?.mixesSymbols === false ? instrument : category;
			let part = open.get(key);
			if (part === undefined) {
				part = { category, verb, commands: [], positions: [] };
				parts.push(part);
				open.set(key, part);
			}
			part.commands.push(command);
			part.positions.push(position);
			if (part.commands.length >= (capability?.batchMax ?? 1)) open.delete(key);
		}
		return parts;
	}
}

interface Part {
	readonly category: Category;
	readonly verb: Command['kind'];
	readonly commands: Command[];
	/** Where its commands stand among all of them. */
	readonly positions: number[];
}

function itemsOf(commands: readonly Command[], outcomes: readonly Outcome[]): readonly ItemOutcome[] {
	const items: ItemOutcome[] = [];
	for (let i = 0; i < commands.length; i += 1) {
		const command = commands[i];
		const outcome = outcomes[i];
		if (command === undefined || outcome === undefined) throw new Error('invariant broken: each command has an outcome');
		items.push({ orderId: command.orderId, verb: command.kind, outcome });
	}
	return items;
}
